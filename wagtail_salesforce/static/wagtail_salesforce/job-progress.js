/* Asks for a job's progress again while it goes on. Without this script the page shows how far it
   was when it was loaded. */
class JobController extends window.StimulusModule.Controller {
  static targets = ['reload'];

  static values = { url: String, next: String, over: Boolean };

  connect() {
    if (!this.overValue) this.timer = window.setTimeout(() => this.ask(), 2000);
  }

  disconnect() {
    window.clearTimeout(this.timer);
  }

  async ask() {
    // Nobody looks at a hidden page, and somebody may be about to press a button.
    if (document.hidden || this.element.contains(document.activeElement)) {
      this.connect();
      return;
    }
    const response = await this.answer();
    if (!response) {
      this.connect();
      return;
    }
    const text = await response.text();
    const fresh = new DOMParser().parseFromString(text, 'text/html').querySelector('.ws-job');
    if (!fresh) return;
    const sentence = this.element.querySelector('.ws-job__sentence');
    if (fresh.dataset.wsJobOverValue === 'true') {
      fresh.querySelector('.ws-job__reload').hidden = false;
      // The end alone is read aloud; for that it has to appear in an element that was there before.
      sentence.setAttribute('role', 'status');
    }
    sentence.replaceChildren(...fresh.querySelector('.ws-job__sentence').childNodes);
    fresh.querySelector('.ws-job__sentence').replaceWith(sentence);
    this.element.replaceWith(fresh);
  }

  async answer() {
    const address = `${this.urlValue}?next=${encodeURIComponent(this.nextValue)}`;
    try {
      const response = await fetch(address, { headers: { 'X-Requested-With': 'fetch' } });
      return response.ok ? response : null;
    } catch (error) {
      if (error instanceof TypeError) return null;
      throw error;
    }
  }
}

window.wagtail.app.register('ws-job', JobController);
