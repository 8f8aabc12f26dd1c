/* The lead description on the panel: inserts names where the cursor is, and asks the server to check
   and preview the template as it is typed. Without this script the names stand there to be read, and
   the button opens the preview in a window of its own. */
class DescriptionController extends window.StimulusModule.Controller {
  static targets = ['result', 'search', 'searching', 'none', 'list'];

  static values = { url: String };

  connect() {
    this.area = this.element.querySelector('textarea');
    this.groups = [...this.listTarget.querySelectorAll('[data-ws-insert-group]')];
    this.items = [...this.listTarget.querySelectorAll('[data-ws-insert]')];
    this.items.forEach((item) => this.makeButton(item));
    this.searchingTarget.hidden = false;
    this.setStop(this.items[0]);
  }

  disconnect() {
    window.clearTimeout(this.timer);
    this.asked = null;
  }

  makeButton(item) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'ws-description__insert';
    button.tabIndex = -1;
    button.append(...item.childNodes);
    item.append(button);
  }

  /* One stop of the tabulator for the whole list; the arrow keys move within. */
  setStop(item) {
    this.items.forEach((each) => {
      each.firstElementChild.tabIndex = each === item ? 0 : -1;
    });
  }

  get shown() {
    return this.items.filter((item) => !item.hidden);
  }

  search() {
    const wanted = this.searchTarget.value.trim().toLocaleLowerCase();
    this.items.forEach((item) => {
      item.hidden = !item.dataset.words.toLocaleLowerCase().includes(wanted);
    });
    this.groups.forEach((group) => {
      group.hidden = !group.querySelector('[data-ws-insert]:not([hidden])');
    });
    this.noneTarget.textContent = this.shown.length ? '' : this.noneTarget.dataset.text;
    this.setStop(this.shown[0]);
  }

  leaveSearch(event) {
    if (event.key === 'Enter') event.preventDefault();
    if (event.key !== 'ArrowDown' || !this.shown.length) return;
    event.preventDefault();
    this.focus(this.shown[0]);
  }

  move(event) {
    const { shown } = this;
    const last = shown.length - 1;
    const at = shown.indexOf(event.target.closest('[data-ws-insert]'));
    const next = { ArrowDown: Math.min(at + 1, last), ArrowUp: at - 1, Home: 0, End: last }[event.key];
    if (next === undefined || at < 0) return;
    event.preventDefault();
    if (next < 0) this.searchTarget.focus();
    else this.focus(shown[next]);
  }

  focus(item) {
    this.setStop(item);
    item.firstElementChild.focus();
  }

  insert(event) {
    const item = event.target.closest('[data-ws-insert]');
    if (!item) return;
    this.setStop(item);
    const { area } = this;
    area.focus();
    area.setRangeText(item.dataset.wsInsert, area.selectionStart, area.selectionEnd, 'end');
    area.dispatchEvent(new Event('input', { bubbles: true }));
  }

  changed() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.now(), 500);
  }

  enter(event) {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    this.now();
  }

  press(event) {
    event.preventDefault();
    this.now();
  }

  async now() {
    window.clearTimeout(this.timer);
    const asked = (this.asked = {});
    let answer = null;
    try {
      answer = await this.ask();
    } catch (error) {
      // Said below: what was typed is still there, and saving checks it anyway.
    }
    if (asked !== this.asked) return;
    if (answer === null) this.resultTarget.textContent = this.resultTarget.dataset.failed;
    else this.show(answer);
  }

  /* What is said of the template as it is now stands in for what a save has said of it before. */
  show(answer) {
    this.resultTarget.innerHTML = answer;
    const field = this.area.closest('[data-field]');
    field.classList.remove('w-field--error');
    field.querySelector('[data-field-errors]').replaceChildren();
    this.area.removeAttribute('aria-invalid');
  }

  async ask() {
    const response = await fetch(this.urlValue, {
      method: 'POST',
      body: new FormData(this.area.form),
      headers: { 'X-Requested-With': 'XMLHttpRequest' },
    });
    return response.ok && !response.redirected ? response.text() : null;
  }
}

window.wagtail.app.register('ws-description', DescriptionController);
