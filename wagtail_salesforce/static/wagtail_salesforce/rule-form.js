/* The form of a rule: asks the server to say in words what the rule does and what it gives a
   contact, and shows inputs that fit the type of what is tested. Without this script the form
   works as well: values are typed one a line, and the server checks everything. */
class RuleFormController extends window.StimulusModule.Controller {
  static targets = ['sentence'];

  static values = { url: String };

  connect() {
    this.form = this.element.closest('form');
    this.tell();
  }

  disconnect() {
    window.clearTimeout(this.timer);
  }

  changed() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.tell(), 300);
  }

  async tell() {
    const body = new FormData(this.form);
    const asked = (this.asked = {});
    try {
      const response = await fetch(this.urlValue, { method: 'POST', body });
      const answer = response.ok ? await response.json() : { sentence: '' };
      if (asked === this.asked) this.show(answer.sentence);
    } catch (error) {
      // The network failed; the sentence is a help only, and saving will tell.
      if (asked === this.asked) this.show('');
    }
  }

  show(sentence) {
    const target = this.sentenceTarget;
    const text = sentence || target.dataset.unfinished;
    if (target.textContent !== text) target.textContent = text;
    this.dispatch('told');
  }
}

/* One test: offers only the tests that fit what is tested, and puts inputs of its type before the
   text area, which keeps the values one a line and is what is sent. */
class RuleTestController extends window.StimulusModule.Controller {
  static targets = ['subject', 'test', 'value', 'holder'];

  static values = { kind: String };

  connect() {
    const rule = this.element.closest('[data-ws-choices]');
    this.choices = JSON.parse(rule.dataset.wsChoices || '{}');
    this.words = { from: rule.dataset.wsFrom, to: rule.dataset.wsTo };
    this.label = this.holderTarget.querySelector('label');
    this.inputs = document.createElement('div');
    this.inputs.className = 'wsc-test__inputs';
    this.inputs.addEventListener('input', () => this.collect());
    this.inputs.addEventListener('change', () => this.collect());
    this.valueTarget.before(this.inputs);
    this.fit();
  }

  disconnect() {
    this.inputs.remove();
    this.valueTarget.hidden = false;
  }

  get kind() {
    if (this.kindValue) return this.kindValue;
    const chosen = this.subjectTarget.selectedOptions[0];
    return (chosen && chosen.dataset.kind) || '';
  }

  fit() {
    const kind = this.kind;
    this.offer(kind);
    const test = this.testTarget.selectedOptions[0];
    const takes = (test && test.dataset.takes) || 'none';
    this.holderTarget.hidden = takes === 'none';
    const shape = `${kind} ${takes} ${this.hasSubjectTarget ? this.subjectTarget.value : ''}`;
    if (shape !== this.shape) this.draw(kind, takes);
    this.shape = shape;
  }

  offer(kind) {
    const options = [...this.testTarget.options];
    options.forEach((option) => {
      const kinds = option.dataset.kinds;
      const fits = !kinds || !kind || kinds.split(' ').includes(kind);
      option.disabled = !fits;
      option.hidden = !fits;
    });
    this.testTarget.querySelectorAll('optgroup').forEach((group) => {
      group.hidden = ![...group.children].some((option) => !option.disabled);
    });
    const selected = this.testTarget.selectedOptions[0];
    if (!selected || selected.disabled) this.testTarget.value = this.twin(selected, options);
  }

  // The test of the same words among those that fit, else the first of them.
  twin(selected, options) {
    const fitting = options.filter((option) => !option.disabled);
    const name = selected ? selected.value.split(':')[1] : undefined;
    const same = fitting.find((option) => option.value.split(':')[1] === name);
    return (same || fitting[0] || { value: '' }).value;
  }

  draw(kind, takes) {
    const made = this.make(kind, takes);
    this.inputs.replaceChildren(...made);
    this.valueTarget.hidden = made.length > 0;
    const target = made.length === 1 ? made[0] : this.valueTarget;
    if (this.label) this.label.htmlFor = target.id;
    if (made.length) this.collect();
  }

  // The inputs that fit, filled in; none where the text area is the best of all.
  make(kind, takes) {
    const lines = this.valueTarget.value.split(/\r?\n/).filter((line) => line.trim());
    const choices = this.choices[this.hasSubjectTarget ? this.subjectTarget.value : ''];
    if (takes === 'one' && choices && kind === 'choice') return [this.select(choices, lines[0])];
    if (takes === 'many' && choices) return this.checkboxes(choices, lines);
    const number = { one: 1, two: 2 }[takes];
    if (!number || lines.length > number) return [];
    const type = { date: 'date', datetime: 'datetime-local' }[kind] || 'text';
    const words = number === 2 ? [this.words.from, this.words.to] : [''];
    return words.map((word, index) => this.input(type, kind, word, lines[index] || ''));
  }

  input(type, kind, word, text) {
    const input = document.createElement('input');
    input.type = type;
    input.value = text;
    // What a date input cannot show stays readable.
    if (input.value !== text) {
      input.type = 'text';
      input.value = text;
    }
    if (['integer', 'decimal', 'float'].includes(kind)) input.inputMode = 'decimal';
    return this.dressed(input, word);
  }

  select(choices, chosen) {
    const select = document.createElement('select');
    const known = !chosen || choices.includes(chosen) ? choices : [chosen, ...choices];
    select.append(...['', ...known].map((text) => new Option(text, text, false, text === chosen)));
    return this.dressed(select, '');
  }

  checkboxes(choices, chosen) {
    const all = [...choices, ...chosen.filter((text) => !choices.includes(text))];
    return all.map((text) => {
      const label = document.createElement('label');
      const box = document.createElement('input');
      box.type = 'checkbox';
      box.value = text;
      box.checked = chosen.includes(text);
      label.className = 'wsc-test__choice';
      label.append(box, text);
      return label;
    });
  }

  dressed(element, word) {
    const name = this.label ? this.label.textContent.trim() : '';
    const described = this.valueTarget.getAttribute('aria-describedby');
    element.id = `${this.valueTarget.id}-${word ? `typed-${this.word(word)}` : 'typed'}`;
    element.setAttribute('aria-label', word ? `${name}: ${word}` : name);
    if (word && element.type === 'text') element.placeholder = word;
    if (described) element.setAttribute('aria-describedby', described);
    if (this.valueTarget.getAttribute('aria-invalid')) element.setAttribute('aria-invalid', 'true');
    return element;
  }

  word(word) {
    return word === this.words.from ? 'from' : 'to';
  }

  // What is in the inputs goes into the text area, one value a line.
  collect() {
    const fields = [...this.inputs.querySelectorAll('input, select')];
    const used = fields.filter((field) => field.type !== 'checkbox' || field.checked);
    this.valueTarget.value = used.map((field) => field.value).join('\n');
  }
}

/* Tries the rule as entered on a contact, and again whenever it has changed. */
class RuleTryController extends window.StimulusModule.Controller {
  static targets = ['button', 'result'];

  connect() {
    this.contact = this.element.querySelector('[name="try-contact"]');
    this.contact.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      this.run();
    });
  }

  press(event) {
    event.preventDefault();
    this.run();
  }

  again() {
    if (this.resultTarget.childElementCount && this.contact.value) this.run();
  }

  async run() {
    const form = this.element.closest('form');
    const body = new FormData(form);
    body.set('edit', 'try');
    const asked = (this.asked = {});
    const headers = { 'X-Requested-With': 'XMLHttpRequest' };
    try {
      const response = await fetch(form.action, { method: 'POST', body, headers });
      if (!response.ok) throw new Error(response.statusText);
      const text = await response.text();
      if (asked === this.asked) this.show(text);
    } catch (error) {
      if (asked === this.asked) this.resultTarget.textContent = this.resultTarget.dataset.failed;
    }
  }

  show(html) {
    if (this.resultTarget.innerHTML !== html) this.resultTarget.innerHTML = html;
  }
}

window.wagtail.app.register('ws-rule', RuleFormController);
window.wagtail.app.register('ws-test', RuleTestController);
window.wagtail.app.register('ws-try', RuleTryController);
