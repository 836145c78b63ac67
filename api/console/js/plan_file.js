// A button that saves a kept plan as a file: paper, or lines for other maps. A link could not carry the key.
import { h, toast } from './dom.js';
import { openFile } from './service.js';
import { text } from './text.js';

export function planFile(id, form, props = {}) {
  const save = () => openFile(`/v1/plans/${encodeURIComponent(id)}.${form}`, `baochang-${id.slice(0, 12)}.${form}`).catch((failure) => toast(failure.message, 'bad'));
  return h('button', { type: 'button', title: text('save_as', { form: form.toUpperCase() }), onclick: save, ...props }, form.toUpperCase());
}
