/* Beside the choice of a score and of the consent: how many contacts it means, before it is saved. */
class SettingsCountsController extends window.StimulusModule.Controller {
  static targets = ['audience', 'consent'];

  static values = { url: String };

  disconnect() {
    window.clearTimeout(this.timer);
    this.asked = null;
  }

  changed(event) {
    if (!['audience', 'minimum_points', 'consent_attribute'].includes(event.target.name)) return;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.count(), 300);
  }

  async count() {
    const asked = (this.asked = {});
    let counts = { audience: '', consent: '' };
    try {
      const response = await fetch(`${this.urlValue}?${this.query}`);
      if (response.ok && !response.redirected) counts = await response.json();
    } catch (error) {
      // The numbers are a help only; none are better than those of another choice.
    }
    if (asked !== this.asked) return;
    this.audienceTarget.textContent = counts.audience;
    this.consentTarget.textContent = counts.consent;
  }

  get query() {
    const { elements } = this.element;
    return new URLSearchParams({
      audience: elements.audience.value,
      minimum_points: elements.minimum_points.value,
      consent: elements.consent_attribute.value,
    });
  }
}

window.wagtail.app.register('ws-settings-counts', SettingsCountsController);
