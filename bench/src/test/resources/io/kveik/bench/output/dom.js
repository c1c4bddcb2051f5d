'use strict';
// Runs a report's script with the little of a browser's DOM that it needs, works every control, and prints as JSON
// what it drew. Usage: node dom.js REPORT.html
const fs = require('fs');
const vm = require('vm');

const page = fs.readFileSync(process.argv[2], 'utf8');

class Element {
  constructor(name) {
    Object.assign(this, { name, children: [], attributes: {}, listeners: {}, style: {}, value: '', checked: false, own: '' });
  }
  append(...nodes) {
    this.children.push(...nodes);
  }
  replaceChildren(...nodes) {
    this.children = nodes;
  }
  setAttribute(key, value) {
    if (String(value).includes('NaN')) {
      throw new Error(`${this.name} ${key} is ${value}`);
    }
    this.attributes[key] = String(value);
  }
  addEventListener(type, listener) {
    (this.listeners[type] ||= []).push(listener);
  }
  fire(type, event) {
    (this.listeners[type] || []).forEach((listener) => listener(event));
  }
  get textContent() {
    return this.own + this.children.map((c) => (typeof c === 'string' ? c : c.textContent)).join('');
  }
  set textContent(text) {
    this.children = [];
    this.own = String(text);
  }
  all(name) {
    const below = this.children.filter((c) => c instanceof Element).flatMap((c) => c.all(name));
    return this.name === name ? [this, ...below] : below;
  }
}

const ids = {};
for (const tag of page.matchAll(/<(\w+)([^>]*\bid="([^"]+)"[^>]*)>/g)) {
  const element = new Element(tag[1]);
  element.value = (/\bvalue="([^"]*)"/.exec(tag[2]) || ['', ''])[1];
  element.checked = /\bchecked\b/.test(tag[2]);
  ids[tag[3]] = element;
}
const scripts = [...page.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)];
ids.data.textContent = scripts[0][2];

const document = {
  getElementById: (id) => {
    if (!ids[id]) {
      throw new Error('no element ' + id);
    }
    return ids[id];
  },
  createElement: (name) => new Element(name),
  createElementNS: (_, name) => new Element(name),
};
vm.runInNewContext(scripts[1][2], { document, window: { innerWidth: 1000 } });

const before = Object.fromEntries(['throughput', 'latency', 'cpu', 'ratios'].map((id) => [id, ids[id].all('path').length]));
const capacityBefore = ids.capacity.textContent;

// Hover, switch a series off, choose every value of every control, bound the capacity.
ids.throughput.all('circle')[0].fire('pointermove', { clientX: 1, clientY: 1 });
const hovered = ids.tip.textContent;
ids.throughput.all('button')[0].fire('click');
const switchedOff = ids.throughput.all('path').length;
for (const select of Object.values(ids).filter((e) => e.name === 'select')) {
  for (const option of select.children) {
    select.value = option.value;
    select.fire('change');
  }
  select.value = select.children[0].value;
  select.fire('change');
}
for (const box of Object.values(ids).filter((e) => e.name === 'input' && e.value === '')) {
  box.checked = !box.checked;
  box.fire('change');
}
ids['capacity-p50'].value = '3';
ids['capacity-p50'].fire('input');

console.log(
  JSON.stringify({
    scripts: scripts.length,
    before,
    hovered,
    switchedOff,
    heatCells: ids.heat.all('rect').length,
    rows: ids.figures.all('tr').length,
    capacityBefore,
    capacityBounded: ids.capacity.textContent,
    outcome: ids.outcome.textContent,
    plan: ids.plan.textContent,
  }),
);
