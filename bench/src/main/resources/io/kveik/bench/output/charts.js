'use strict';
// What every report draws with. Everything a run names goes into text nodes or attributes, never into markup.
const charts = (function () {
  const COLOURS = ['#2f7ed8', '#e8743b', '#19a979', '#945ecf', '#ed4a7b', '#13a4b4', '#b98b1a', '#6c8893'];
  const WIDTH = 900;
  const HEIGHT = 320;
  const MARGIN = { left: 64, right: 16, top: 12, bottom: 36 };

  const byId = (id) => document.getElementById(id);

  function svg(name, attributes, text) {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) {
      element.setAttribute(key, value);
    }
    if (text !== undefined) {
      element.textContent = text;
    }
    return element;
  }

  function html(name, text, className) {
    const element = document.createElement(name);
    if (text !== undefined) {
      element.textContent = text;
    }
    if (className) {
      element.className = className;
    }
    return element;
  }

  function show(value) {
    if (value === 0) {
      return '0';
    }
    const size = Math.abs(value);
    if (size >= 1e6) {
      return (value / 1e6).toPrecision(3) + ' M';
    }
    if (size >= 1e4) {
      return (value / 1e3).toPrecision(3) + ' K';
    }
    return size >= 100 ? value.toFixed(0) : value.toPrecision(3);
  }

  const showMicros = (micros) => (micros >= 1e6 ? show(micros / 1e6) + ' s' : micros >= 1e3 ? show(micros / 1e3) + ' ms' : show(micros) + ' µs');

  // ---- Hover

  const tip = byId('tip');

  function hover(element, text) {
    element.addEventListener('pointermove', (event) => {
      tip.textContent = text;
      tip.style.display = 'block';
      tip.style.left = Math.min(event.clientX + 14, window.innerWidth - 260) + 'px';
      tip.style.top = event.clientY + 14 + 'px';
    });
    element.addEventListener('pointerleave', () => {
      tip.style.display = 'none';
    });
  }

  // ---- Line charts

  function ticks(low, high, logarithmic) {
    const values = [];
    if (logarithmic) {
      for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
        for (const digit of [1, 2, 5]) {
          const value = digit * Math.pow(10, power);
          if (value >= low && value <= high) {
            values.push(value);
          }
        }
      }
      return values;
    }
    const rough = (high - low) / 5 || 1;
    const unit = Math.pow(10, Math.floor(Math.log10(rough)));
    const step = [1, 2, 5, 10].map((f) => f * unit).find((s) => s >= rough);
    for (let value = Math.ceil(low / step) * step; value <= high * (1 + 1e-9); value += step) {
      values.push(value);
    }
    return values;
  }

  function scale(low, high, from, to, logarithmic) {
    const map = logarithmic ? Math.log : (x) => x;
    const span = map(high) - map(low) || 1;
    return (value) => from + ((map(value) - map(low)) / span) * (to - from);
  }

  /** Series that the reader has switched off, by chart and name: they stay so when a chart is drawn again. */
  const hidden = new Set();

  /**
   * Draws a line chart with a legend that switches series.
   * options: series [{name, colour, dash, points: [[x, y]]}], logarithmic, format, one (draws a line at 1), redraw,
   * xTitle, xName (before a value of x in a hint), xTicks (texts by x; x itself by default)
   */
  function lineChart(id, options) {
    const box = byId(id);
    box.replaceChildren();
    const keyOf = (series) => id + '|' + series.name;
    const shown = options.series.filter((series) => !hidden.has(keyOf(series)));
    const usable = (point) => !options.logarithmic || point[1] > 0;
    const points = shown.flatMap((series) => series.points).filter(usable);
    if (points.length > 0) {
      box.append(drawLines(shown, points, usable, options));
    } else {
      box.append(html('p', 'Nothing to show.', 'note'));
    }
    const legend = html('div', undefined, 'legend');
    for (const series of options.series) {
      const button = html('button', undefined);
      const swatch = html('i');
      swatch.style.background = series.colour;
      button.append(swatch, series.name);
      button.setAttribute('aria-pressed', String(!hidden.has(keyOf(series))));
      button.addEventListener('click', () => {
        if (!hidden.delete(keyOf(series))) {
          hidden.add(keyOf(series));
        }
        options.redraw();
      });
      legend.append(button);
    }
    box.append(legend);
  }

  function drawLines(shown, points, usable, options) {
    const xs = [...new Set(points.map((point) => point[0]))].sort((a, b) => a - b);
    const ys = points.map((point) => point[1]);
    const top = Math.max(...ys, options.one ? 1.1 : 0) * 1.05 || 1;
    const bottom = options.logarithmic ? Math.min(...ys) / 1.2 : 0;
    const x = scale(xs[0], xs[xs.length - 1], MARGIN.left + 10, WIDTH - MARGIN.right - 10, xs[0] > 0);
    const y = scale(bottom, top, HEIGHT - MARGIN.bottom, MARGIN.top, options.logarithmic);
    const chart = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img' });
    for (const value of ticks(bottom, top, options.logarithmic)) {
      chart.append(svg('line', { class: 'grid', x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: y(value), y2: y(value) }));
      chart.append(svg('text', { x: MARGIN.left - 6, y: y(value) + 4, 'text-anchor': 'end' }, options.format(value)));
    }
    for (const value of xs) {
      chart.append(svg('text', { x: x(value), y: HEIGHT - MARGIN.bottom + 18, 'text-anchor': 'middle' }, options.xTicks ? options.xTicks.get(value) : value));
    }
    chart.append(svg('text', { x: WIDTH / 2, y: HEIGHT - 2, 'text-anchor': 'middle' }, options.xTitle));
    if (options.one) {
      chart.append(svg('line', { class: 'one', x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: y(1), y2: y(1) }));
    }
    for (const series of shown) {
      const drawn = series.points.filter(usable);
      const path = drawn.map((point, i) => (i === 0 ? 'M' : 'L') + x(point[0]).toFixed(1) + ' ' + y(point[1]).toFixed(1)).join('');
      chart.append(svg('path', { class: 'series', d: path, stroke: series.colour, 'stroke-dasharray': series.dash || '' }));
      for (const point of drawn) {
        const dot = svg('circle', { class: 'point', cx: x(point[0]), cy: y(point[1]), r: 5, fill: series.colour });
        hover(dot, `${series.name}\n${options.xName}${options.xTicks ? options.xTicks.get(point[0]) : point[0]}: ${options.format(point[1])}`);
        chart.append(dot);
      }
    }
    return chart;
  }

  return { COLOURS, WIDTH, HEIGHT, MARGIN, byId, svg, html, show, showMicros, hover, ticks, lineChart };
})();
