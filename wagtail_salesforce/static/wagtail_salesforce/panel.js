/* While the outcome of a run is awaited, asks for the top of the panel again and shows what has
   changed. It stops by itself. Without this script the page shows how it was when it was loaded. */
class TopController extends window.StimulusModule.Controller {
  static targets = ['card', 'problems', 'told'];

  static values = { url: String, active: Boolean };

  connect() {
    this.failures = 0;
    if (this.activeValue) this.wait();
  }

  disconnect() {
    window.clearTimeout(this.timer);
  }

  wait() {
    this.timer = window.setTimeout(() => this.ask(), 2000 * (this.failures + 1));
  }

  async ask() {
    // Nobody looks at a hidden page.
    const fresh = document.hidden ? null : await this.answer();
    if (fresh) {
      this.failures = 0;
      this.show(fresh);
    } else if (!document.hidden) {
      this.failures += 1;
    }
    // Somebody who was logged out, or a server that is gone, is not asked for ever.
    if (this.activeValue && this.element.isConnected && this.failures < 10) this.wait();
  }

  async answer() {
    try {
      const response = await fetch(this.urlValue, { headers: { 'X-Requested-With': 'fetch' } });
      if (!response.ok) return null;
      const text = await response.text();
      return new DOMParser().parseFromString(text, 'text/html').querySelector('.ws-top');
    } catch (error) {
      if (error instanceof TypeError) return null;
      throw error;
    }
  }

  show(fresh) {
    const over = fresh.dataset.wsTopActiveValue !== 'true';
    const outcome = inWords(fresh.querySelector('#ws-card-runs'));
    this.cardTargets.forEach((card) => replace(card, fresh.querySelector(`#${card.id}`)));
    if (!over) return;
    this.activeValue = false;
    replace(this.problemsTarget, fresh.querySelector('[data-ws-top-target="problems"]'));
    this.toldTarget.textContent = outcome;
  }
}

/* How the run went, to be read aloud. */
function inWords(card) {
  const parts = card.querySelectorAll('[data-outcome]');
  return [...parts].map((part) => part.textContent.trim().replace(/\s+/g, ' ')).join('. ');
}

/* What has come for a part where somebody is at work: it appears once they have left it. */
const waiting = new WeakMap();

function replace(part, fresh) {
  if (!fresh || part.innerHTML === fresh.innerHTML) return;
  if (!part.contains(document.activeElement)) {
    part.replaceChildren(...fresh.childNodes);
    return;
  }
  if (!waiting.has(part)) part.addEventListener('focusout', left);
  waiting.set(part, fresh);
}

function left(event) {
  const part = event.currentTarget;
  if (part.contains(event.relatedTarget)) return;
  part.removeEventListener('focusout', left);
  part.replaceChildren(...waiting.get(part).childNodes);
  waiting.delete(part);
}

window.wagtail.app.register('ws-top', TopController);
