// Elements from plain values. Text is text: nothing here, or anywhere in the console, makes markup of it.
export const $ = (id) => document.getElementById(id);

// h('button', { class: 'quiet', onclick: f, 'aria-label': 'x' }, 'text', otherElement, null)
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'class') element.className = value;
    else if (name in element && !name.startsWith('aria') && name !== 'list') element[name] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const fill = (element, ...children) => element.replaceChildren(...children.flat(Infinity).filter(Boolean));

// A labelled field: the label is outside and before, so that it never covers what is typed.
export function field(label, input, hint) {
  return h('label', { class: 'field' }, h('span', { class: 'caption' }, label), input, hint ? h('span', { class: 'hint' }, hint) : null);
}

export function check(label, props) {
  return h('label', { class: 'check' }, h('input', { type: 'checkbox', ...props }), h('span', {}, label));
}

export function select(options, value, props = {}) {
  const element = h('select', props, options.map(([code, name]) => new Option(name, code, false, code === value)));
  if (value !== undefined) element.value = value;
  return element;
}

// Runs `work` once nothing has called for `ms`; the last call's arguments count.
export function debounce(work, ms) {
  let timer = 0;
  const later = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...values), ms);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}

// A short notice that goes by itself, read out by screen readers.
export function toast(message, kind = 'good') {
  const box = h('div', { class: `toast ${kind}`, role: 'status' }, message);
  $('toasts').append(box);
  setTimeout(() => box.remove(), 6000);
}

// Resolves with the form's values, or null when closed. `fields` is [name, label, input]; `body` is shown above them.
export function ask(title, fields, { say, cancel, note, body, danger = false, settle } = {}) {
  return new Promise((resolve) => {
    const wrong = h('p', { class: 'bad', role: 'alert' });
    const go = h('button', { type: 'submit', class: danger ? 'primary danger' : 'primary' }, say);
    const form = h('form', { method: 'dialog', class: 'stack' }, h('h2', { id: 'dialog-title' }, title), note ? h('p', { class: 'hint' }, note) : null,
      body, fields.map(([, label, input]) => field(label, input)), wrong,
      h('div', { class: 'actions' }, go, cancel ? h('button', { type: 'button', class: 'quiet', onclick: () => done(null) }, cancel) : null));
    const dialog = h('dialog', { 'aria-labelledby': 'dialog-title' }, form);
    const done = (value) => { dialog.close(); dialog.remove(); resolve(value); };
    dialog.addEventListener('cancel', (event) => { event.preventDefault(); done(null); });
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const values = Object.fromEntries(fields.map(([name, , input]) => [name, input.value.trim()]));
      go.disabled = true;
      wrong.textContent = '';
      try {
        done(settle ? await settle(values) : values);
      } catch (problem) {
        wrong.textContent = problem.message;
        go.disabled = false;
      }
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
