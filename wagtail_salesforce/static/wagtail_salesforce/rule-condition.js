/* The editor of a condition: the buttons that add, move and remove tests ask the server for the
   condition as changed, which takes the place of the old one; the focus goes where the work goes
   on. Without this script the same buttons load the page anew. */
class ConditionController extends window.StimulusModule.Controller {
  static targets = ['editor', 'said'];

  async press(event) {
    const button = event.target.closest('button[name="edit"]');
    if (!button) return;
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    try {
      const html = await this.ask(button);
      this.replace(html, button.value.split(':')[0]);
    } catch (error) {
      // The answer did not come; sending the form as a whole says what is the matter.
      const plain = document.createElement('input');
      Object.assign(plain, { type: 'hidden', name: 'edit', value: button.value });
      button.form.append(plain);
      button.form.submit();
    } finally {
      this.busy = false;
    }
  }

  async ask(button) {
    const body = new FormData(button.form);
    body.set('edit', button.value);
    const headers = { 'X-Requested-With': 'XMLHttpRequest' };
    const response = await fetch(button.form.action, { method: 'POST', body, headers });
    if (!response.ok) throw new Error(response.statusText);
    return response.text();
  }

  replace(html, action) {
    const template = document.createElement('template');
    template.innerHTML = html.trim();
    const editor = template.content.firstElementChild;
    if (!editor || !editor.matches('.wsc-condition')) throw new Error('No condition came.');
    this.editorTarget.replaceWith(editor);
    this.focus(editor, action, editor.dataset.focus);
    const { added, removed, moved } = this.element.dataset;
    const said = { remove: removed, up: moved, down: moved }[action] || added;
    this.saidTarget.textContent = said;
    this.element.dispatchEvent(new Event('change', { bubbles: true }));
  }

  focus(editor, action, path) {
    const moves = { up: ['up', 'down'], down: ['down', 'up'] }[action] || [];
    const wanted = [
      ...moves.map((move) => `button[value="${move}:${path}"]:not(:disabled)`),
      `[name="${path}-subject"]`,
      `[name="${path}-0-subject"]`,
      `[name="${path}-join"]`,
    ];
    const found = wanted.map((selector) => editor.querySelector(selector)).find(Boolean);
    if (found) found.focus();
  }
}

window.wagtail.app.register('ws-condition', ConditionController);
