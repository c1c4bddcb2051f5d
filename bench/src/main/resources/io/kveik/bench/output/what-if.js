// Curves of hits by capacity, from the JSON of ./kveik what-if.
(function () {
  const { COLOURS, byId, html, show, lineChart } = charts;
  const result = JSON.parse(byId('data').textContent);
  const policies = [...new Set(result.rows.map((row) => row.policy))];
  const capacities = new Map(result.rows.map((row) => [row.capacityIds, row.capacity]));
  const percent = (value) => (100 * value).toFixed(1) + ' %';

  const FIGURES = {
    'block hit ratio': { of: (row) => row.blockHitRatio, format: percent },
    'request hit ratio': { of: (row) => row.requestHitRatio, format: percent },
    'requests that hit all they could': { of: (row) => row.requestFullHitRatio, format: percent },
    'tokens saved': { of: (row) => row.tokensSaved, format: show },
    'GPU hours saved': { of: (row) => row.gpuSecondsSaved / 3600, format: show },
  };

  function drawHits() {
    const figure = FIGURES[byId('hits-figure').value];
    lineChart('hits', {
      xTitle: 'capacity',
      xName: '',
      xTicks: capacities,
      series: policies.map((policy, i) => ({
        name: policy,
        colour: COLOURS[i % COLOURS.length],
        dash: policy === 'min' ? '7 3' : '',
        points: result.rows.filter((row) => row.policy === policy).map((row) => [row.capacityIds, figure.of(row)]),
      })),
      format: figure.format,
      redraw: drawHits,
    });
  }

  function fillTable() {
    const table = byId('figures');
    const head = html('tr');
    ['policy', 'capacity', 'ids', ...Object.keys(FIGURES)].forEach((title) => head.append(html('th', title)));
    table.append(head);
    for (const row of result.rows) {
      const cells = html('tr');
      const texts = [row.policy, row.capacity, row.capacityIds, ...Object.values(FIGURES).map((figure) => figure.format(figure.of(row)))];
      texts.forEach((text) => cells.append(html('td', String(text))));
      table.append(cells);
    }
  }

  function start() {
    byId('subtitle').textContent =
      `${result.trace} · ${result.requests} requests · ${result.accesses} ids, ${result.uniqueIds} different · ` +
      `a cache that forgets nothing hits ${percent(result.unboundedBlockHitRatio)}`;
    const select = byId('hits-figure');
    for (const name of Object.keys(FIGURES)) {
      const option = html('option', name);
      option.value = name;
      select.append(option);
    }
    select.value = Object.keys(FIGURES)[0];
    select.addEventListener('change', drawHits);
    fillTable();
    drawHits();
  }

  start();
})();
