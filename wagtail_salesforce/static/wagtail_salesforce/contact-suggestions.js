/* Suggests contacts below a text field that takes an e-mail address. Without this script the
   address can be typed in full. */
class ContactSuggestionsController extends window.StimulusModule.Controller {
  static values = { url: String };

  connect() {
    this.list = document.createElement('datalist');
    this.list.id = `${this.element.id}-suggestions`;
    this.element.after(this.list);
    this.element.setAttribute('list', this.list.id);
  }

  disconnect() {
    window.clearTimeout(this.timer);
    this.list.remove();
  }

  suggest() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.fetch(), 200);
  }

  async fetch() {
    const text = this.element.value.trim();
    if (text.length < 2) {
      this.list.replaceChildren();
      return;
    }
    const response = await fetch(`${this.urlValue}?q=${encodeURIComponent(text)}`);
    if (!response.ok || text !== this.element.value.trim()) return;
    const { contacts } = await response.json();
    this.list.replaceChildren(...contacts.map((contact) => this.option(contact)));
  }

  option(contact) {
    const option = document.createElement('option');
    option.value = contact.value;
    option.label = contact.label ? `${contact.label} (${contact.value})` : contact.value;
    return option;
  }
}

window.wagtail.app.register('ws-contact-suggestions', ContactSuggestionsController);
