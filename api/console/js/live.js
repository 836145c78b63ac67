// How fresh what is shown is: server-sent events where there are any, and the service's own word every few seconds.
import { getJson, offers } from './service.js';
import { formatDuration, text } from './text.js';

const ASK_MS = 2000;

export class Live {
  // changed({version, events}) when the rules have another version; network(answer) each time the service was heard; plans()
  // when plans that are kept have changed
  constructor({ badge, banner, changed, network, plans }) {
    Object.assign(this, { badge, banner, changed, network, plans, version: null, events: [] });
  }

  start(first) {
    this.version = first.rules_version;
    this.heard(first);
    this.listen();
    setInterval(() => this.ask(), ASK_MS);
    addEventListener('online', () => this.ask());
    addEventListener('offline', () => this.lost());
  }

  // Events say that something has changed sooner than asking would; what has changed is then read as usual.
  async listen() {
    if (!await offers('/v1/events')) return;
    this.source = new EventSource(`/v1/events?after=${this.version}`);
    for (const kind of ['rules', 'state', 'reset']) this.source.addEventListener(kind, (event) => this.take(kind, event));
    this.source.addEventListener('plans', () => this.plans());
  }

  take(kind, event) {
    try {
      this.events.unshift({ kind, at: Date.now(), data: JSON.parse(event.data) });
    } catch {
      return; // a comment or a sign of life
    }
    this.events.length = Math.min(this.events.length, 100);
    this.ask();
  }

  async ask() {
    if (this.asking) return;
    this.asking = true;
    try {
      this.heard(await getJson('/v1/network'));
    } catch {
      this.lost();
    } finally {
      this.asking = false;
    }
  }

  heard(now) {
    if (now.kept) return void this.lost();
    this.badge.className = `state ${now.rules_stale ? 'stale' : 'live'}`;
    const say = text(now.rules_stale ? 'state_stale' : 'state_live', { version: now.rules_version, age: formatDuration(now.rules_age_s || 0) });
    if (this.badge.textContent !== say) this.badge.textContent = say;
    this.banner.hidden = !now.rules_stale && now.database_connected;
    if (!this.banner.hidden) this.banner.textContent = text('database_away', { age: formatDuration(now.rules_age_s || 0) });
    const before = this.version;
    this.version = now.rules_version;
    this.network(now);
    if (before !== now.rules_version) this.changed({ version: now.rules_version, events: this.events });
  }

  lost() {
    this.badge.className = 'state down';
    this.badge.textContent = text('state_down');
    this.banner.hidden = false;
    this.banner.textContent = text(this.version !== null || !navigator.onLine ? 'offline' : 'unreachable');
  }
}
