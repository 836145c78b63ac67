// A moment to look at: a week back and two ahead, by the half hour. "Now" moves on by itself.
import { debounce, fill, h } from './dom.js';
import { wallClock } from './question.js';
import { formatMoment, text } from './text.js';

const STEP_MS = 1800e3, BACK = 7 * 48, AHEAD = 14 * 48;

export class Timeline {
  // changed(RFC 3339 text, or null for now)
  constructor(root, changed) {
    this.root = root;
    this.step = 0;
    this.changed = debounce(() => changed(this.at()), 120);
    this.draw();
  }

  at() {
    if (this.step === 0) return null;
    const base = Math.floor(Date.now() / STEP_MS) * STEP_MS;
    return `${wallClock(base + this.step * STEP_MS)}:00+08:00`;
  }

  draw() {
    this.output = h('output', {});
    this.range = h('input', { type: 'range', id: 'at', min: -BACK, max: AHEAD, step: 1, value: this.step, 'aria-label': text('moment'), oninput: () => this.put(Number(this.range.value)) });
    this.now = h('button', { type: 'button', class: 'quiet small', id: 'at-now', onclick: () => { this.range.value = 0; this.put(0); } }, text('now'));
    fill(this.root, this.output, this.range, this.now);
    this.say();
  }

  say() {
    const words = this.step === 0 ? `${text('now')} ${formatMoment(new Date().toISOString(), true)}` : formatMoment(this.at());
    this.output.textContent = words;
    this.range.setAttribute('aria-valuetext', words);
    this.now.disabled = this.step === 0;
  }

  put(step) {
    this.step = step;
    this.say();
    this.changed();
  }
}
