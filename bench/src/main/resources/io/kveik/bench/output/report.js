// The report's charts and its calculator, from the JSON of a run (docs/benchmarks.md says what its fields mean).
(function () {
  const { COLOURS, WIDTH, HEIGHT, MARGIN, byId, svg, html, show, showMicros, hover, ticks, lineChart } = charts;
  const result = JSON.parse(document.getElementById('data').textContent);
  const subject = result.stores[0];
  const PERCENTILES = ['p50', 'p90', 'p99', 'p999'];
  const PERCENTILE_NAMES = { p50: 'p50', p90: 'p90', p99: 'p99', p999: 'p99.9' };
  const DASHES = ['', '7 3', '3 3', '1 3'];
  const HEAT_ROWS = 52;
  // The same as Profile.java.
  const LOW_LATENCY_FACTOR = 1.15;
  const ENOUGH_THROUGHPUT = 0.98;

  const colourOf = (store) => COLOURS[result.stores.findIndex((s) => s.name === store) % COLOURS.length];

  const BY_CONCURRENCY = { xTitle: 'concurrency', xName: 'C=' };

  // ---- The charts

  const THROUGHPUT_FIGURES = {
    'GB/s': (point) => point.gigabytesPerSecond,
    'tokens/s': (point) => point.tokensPerSecond,
    'iterations/s (TPS)': (point) => point.iterationsPerSecond,
    'calls/s': (point) => point.callsPerSecond,
  };

  function drawThroughput() {
    const figure = THROUGHPUT_FIGURES[byId('throughput-figure').value];
    lineChart('throughput', {
      ...BY_CONCURRENCY,
      series: result.stores.map((store) => ({
        name: store.name,
        colour: colourOf(store.name),
        points: store.points.map((point) => [point.concurrency, figure(point)]),
      })),
      logarithmic: byId('throughput-log').checked,
      format: show,
      redraw: drawThroughput,
    });
  }

  function drawLatency() {
    const operation = byId('latency-operation').value;
    const series = [];
    for (const store of result.stores) {
      PERCENTILES.forEach((percentile, i) => {
        series.push({
          name: store.name + ' ' + PERCENTILE_NAMES[percentile],
          colour: colourOf(store.name),
          dash: DASHES[i],
          points: store.points
            .filter((point) => point.operations[operation])
            .map((point) => [point.concurrency, point.operations[operation].latencyMicros[percentile]]),
        });
      });
    }
    lineChart('latency', { ...BY_CONCURRENCY, series, logarithmic: byId('latency-log').checked, format: showMicros, redraw: drawLatency });
  }

  function drawCpu() {
    lineChart('cpu', {
      ...BY_CONCURRENCY,
      series: result.stores
        .map((store) => ({
          name: store.name,
          colour: colourOf(store.name),
          points: store.points
            .filter((point) => point.serverCpuSecondsPerGigabyte !== undefined)
            .map((point) => [point.concurrency, point.serverCpuSecondsPerGigabyte]),
        }))
        .filter((series) => series.points.length > 0),
      format: (value) => show(value) + ' s',
      redraw: drawCpu,
    });
  }

  const RATIO_FIGURES = {
    'throughput (higher is better)': (ratio) => ratio.throughput,
    'p50 (lower is better)': (ratio) => ratio.p50,
    'p99 (lower is better)': (ratio) => ratio.p99,
    'CPU per GB (lower is better)': (ratio) => ratio.cpuPerGigabyte,
  };

  function drawRatios() {
    const figure = RATIO_FIGURES[byId('ratio-figure').value];
    const others = [...new Set(result.ratios.map((ratio) => ratio.to))];
    lineChart('ratios', {
      ...BY_CONCURRENCY,
      series: others.map((other) => ({
        name: 'to ' + other,
        colour: colourOf(other),
        points: result.ratios
          .filter((ratio) => ratio.to === other && figure(ratio) !== undefined)
          .map((ratio) => [ratio.concurrency, figure(ratio)]),
      })),
      format: show,
      one: true,
      redraw: drawRatios,
    });
  }

  // ---- Heat map

  const rowMicros = (row) => Math.pow(2, row / 2);

  function drawHeat() {
    const box = byId('heat');
    box.replaceChildren();
    const store = result.stores.find((s) => s.name === byId('heat-store').value);
    const point = store && store.points.find((p) => String(p.concurrency) === byId('heat-concurrency').value);
    const cells = point && point.heat[byId('heat-operation').value];
    if (!cells) {
      box.append(html('p', 'Nothing to show.', 'note'));
      return;
    }
    let columns = 0;
    let lowest = HEAT_ROWS;
    let highest = 0;
    let most = 0;
    for (let i = 0; i < cells.length; i += 3) {
      columns = Math.max(columns, cells[i] + 1);
      lowest = Math.min(lowest, cells[i + 1]);
      highest = Math.max(highest, cells[i + 1]);
      most = Math.max(most, cells[i + 2]);
    }
    const width = (WIDTH - MARGIN.left - MARGIN.right) / columns;
    const height = (HEIGHT - MARGIN.top - MARGIN.bottom) / (highest - lowest + 1);
    const chart = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img' });
    for (let i = 0; i < cells.length; i += 3) {
      const [column, row, count] = [cells[i], cells[i + 1], cells[i + 2]];
      const cell = svg('rect', {
        x: MARGIN.left + column * width,
        y: MARGIN.top + (highest - row) * height,
        width: Math.max(1, width - 0.5),
        height: Math.max(1, height - 0.5),
        fill: colourOf(store.name),
        'fill-opacity': (0.12 + (0.88 * Math.log(1 + count)) / Math.log(1 + most)).toFixed(3),
      });
      const second = column * point.heatColumnSeconds;
      hover(cell, `second ${second}: ${count} calls\n${showMicros(rowMicros(row))} to ${showMicros(rowMicros(row + 1))}`);
      chart.append(cell);
    }
    for (let row = lowest; row <= highest; row++) {
      if (row % 2 === 0) {
        const y = MARGIN.top + (highest - row + 1) * height;
        chart.append(svg('text', { x: MARGIN.left - 6, y, 'text-anchor': 'end' }, showMicros(rowMicros(row))));
      }
    }
    for (const column of ticks(0, columns, false)) {
      chart.append(svg('text', { x: MARGIN.left + column * width, y: HEIGHT - MARGIN.bottom + 18, 'text-anchor': 'middle' }, show(column * point.heatColumnSeconds)));
    }
    chart.append(svg('text', { x: WIDTH / 2, y: HEIGHT - 2, 'text-anchor': 'middle' }, 'seconds since the start of a measurement'));
    box.append(chart);
  }

  // ---- Capacity: the same rules as Capacity.java and Profile.java

  const readLatency = (point, percentile) => (point.operations.read ? point.operations.read.latencyMicros[percentile] : 0);
  const best = (points, value) => points.reduce((a, b) => (a === undefined || value(b) > value(a) ? b : a), undefined);

  const PROFILES = {
    none: (points) => best(points, (p) => p.tokensPerSecond),
    'low latency': (points) => {
      const least = Math.min(...points.map((p) => readLatency(p, 'p50')));
      return best(points.filter((p) => readLatency(p, 'p50') <= LOW_LATENCY_FACTOR * least), (p) => p.tokensPerSecond);
    },
    balanced: (points) => best(points, (p) => p.tokensPerSecond / Math.max(1, readLatency(p, 'p50'))),
    throughput: (points) => {
      const most = Math.max(...points.map((p) => p.tokensPerSecond));
      return best(points.filter((p) => p.tokensPerSecond >= ENOUGH_THROUGHPUT * most), (p) => -p.concurrency);
    },
  };

  function capacity(points, tokensPerSecond, p50Millis, p99Millis, profile) {
    const kept = points.filter(
      (point) => point.tokensPerSecond > 0 && readLatency(point, 'p50') <= p50Millis * 1e3 && readLatency(point, 'p99') <= p99Millis * 1e3,
    );
    const point = PROFILES[profile](kept);
    return point && { point, servers: Math.max(1, Math.ceil(tokensPerSecond / point.tokensPerSecond)) };
  }

  function drawCapacity() {
    const bound = (id) => (byId(id).value === '' ? Infinity : Number(byId(id).value));
    const tokens = Number(byId('capacity-tokens').value);
    const plan = capacity(subject.points, tokens, bound('capacity-p50'), bound('capacity-p99'), byId('capacity-profile').value);
    byId('capacity').textContent = plan
      ? `${plan.servers} server${plan.servers === 1 ? '' : 's'} at C=${plan.point.concurrency}: ${show(plan.point.tokensPerSecond)} tokens/s each, ` +
        `read p50 ${showMicros(readLatency(plan.point, 'p50'))}, p99 ${showMicros(readLatency(plan.point, 'p99'))}`
      : 'No measured operating point keeps these bounds.';
  }

  // ---- Tables and head

  function fillTable() {
    const table = byId('figures');
    const head = html('tr');
    for (const title of ['store', 'C', 'operation', 'count', '/s', 'GB/s', 'p50', 'p90', 'p99', 'p99.9', 'max', 'CPU s/GB', 'errors']) {
      head.append(html('th', title));
    }
    table.append(head);
    for (const store of result.stores) {
      for (const point of store.points) {
        for (const [operation, figures] of Object.entries(point.operations)) {
          const latency = figures.latencyMicros;
          const cpu = point.serverCpuSecondsPerGigabyte;
          const cells = [store.name, point.concurrency, operation, figures.count, show(figures.perSecond), figures.gigabytesPerSecond.toFixed(3)]
            .concat(PERCENTILES.concat('max').map((percentile) => showMicros(latency[percentile])))
            .concat([cpu === undefined ? '' : cpu.toFixed(3), figures.errors]);
          const row = html('tr');
          cells.forEach((cell) => row.append(html('td', String(cell))));
          table.append(row);
        }
      }
    }
  }

  function fillHead() {
    const plan = result.plan;
    byId('title').textContent = 'Kveik benchmark: ' + result.bench;
    byId('subtitle').textContent =
      `${result.started} · ${plan.blocks} blocks of ${plan.blockBytes} bytes (${plan.payload}) · ` +
      `${plan.seconds} s per point, ${plan.rounds} rounds · ${result.machine.cpus} CPUs ${result.machine.cpuModel} · ` +
      `the original did ${show(result.originalPeakTokensPerSecond)} tokens/s on 80 vCPUs`;
    const outcome = byId('outcome');
    if (!result.complete) {
      outcome.append(html('div', 'Ended early' + (result.failure ? ': ' + result.failure : ''), 'bad'));
    }
    for (const verdict of result.assertions) {
      outcome.append(html('div', `${verdict.assertion}: ${verdict.holds ? 'holds' : 'FAILS'}, measured ${verdict.measured}`, verdict.holds ? 'good' : 'bad'));
    }
    const list = byId('plan');
    const entries = Object.entries(plan).concat(Object.entries(result.machine), result.stores.map((store) => [store.name, store.description]));
    for (const [key, value] of entries) {
      list.append(html('dt', key), html('dd', String(value)));
    }
  }

  function choose(id, values, redraw) {
    const select = byId(id);
    for (const value of values) {
      const option = html('option', String(value));
      option.value = String(value);
      select.append(option);
    }
    select.value = String(values[0]);
    select.addEventListener('change', redraw);
  }

  function start() {
    const points = result.stores.flatMap((store) => store.points);
    const operations = [...new Set(points.flatMap((point) => Object.keys(point.operations)))];
    const main = operations.includes('read') ? ['read', ...operations.filter((o) => o !== 'read')] : operations;
    choose('throughput-figure', Object.keys(THROUGHPUT_FIGURES), drawThroughput);
    choose('latency-operation', main, drawLatency);
    choose('ratio-figure', Object.keys(RATIO_FIGURES), drawRatios);
    choose('heat-store', result.stores.map((store) => store.name), drawHeat);
    choose('heat-concurrency', [...new Set(points.map((point) => point.concurrency))], drawHeat);
    choose('heat-operation', main, drawHeat);
    choose('capacity-profile', Object.keys(PROFILES), drawCapacity);
    byId('throughput-log').addEventListener('change', drawThroughput);
    byId('latency-log').addEventListener('change', drawLatency);
    for (const id of ['capacity-tokens', 'capacity-p50', 'capacity-p99']) {
      byId(id).addEventListener('input', drawCapacity);
    }
    fillHead();
    fillTable();
    [drawThroughput, drawLatency, drawCpu, drawRatios, drawHeat, drawCapacity].forEach((draw) => draw());
  }

  start();
})();
