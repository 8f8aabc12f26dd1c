/* The form of a rule: offers only the tests that fit the field, hides the value where a test
   takes none, and asks the server to say in words what the rule does. Without this script the
   form works as well; the server checks everything. */
class RuleFormController extends window.StimulusModule.Controller {
  static targets = ['sentence', 'value'];

  static values = { url: String };

  connect() {
    this.form = this.element.closest('form');
    this.subject = this.form.querySelector('select[name="subject"]');
    this.test = this.form.querySelector('select[name="test"]');
    this.fit();
    this.tell();
  }

  disconnect() {
    window.clearTimeout(this.timer);
  }

  changed() {
    this.fit();
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.tell(), 300);
  }

  fit() {
    if (!this.test) return;
    const chosen = this.subject.selectedOptions[0];
    const family = chosen ? chosen.dataset.family : undefined;
    this.offer(family);
    const test = this.test.selectedOptions[0];
    const takes = test ? test.dataset.takes : undefined;
    if (this.hasValueTarget) this.valueTarget.hidden = takes === 'none';
  }

  offer(family) {
    const options = [...this.test.options];
    options.forEach((option) => {
      const fits = !family || option.dataset.family === family;
      option.disabled = !fits;
      option.hidden = !fits;
      option.parentElement.hidden = !fits;
    });
    const selected = this.test.selectedOptions[0];
    if (!selected || selected.disabled) {
      const first = options.find((option) => !option.disabled);
      if (first) this.test.value = first.value;
    }
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
  }
}

window.wagtail.app.register('ws-rule', RuleFormController);
