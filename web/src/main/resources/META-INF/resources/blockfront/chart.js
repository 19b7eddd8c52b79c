// Draws what Charts.java describes. A classic script: nothing is bundled.
(() => {
  if (customElements.get('blockfront-chart')) return;

  const COMPACT = ['', 'k', 'M', 'G', 'T', 'P'];

  function compact(number) {
    let rest = number, prefix = 0;
    while (Math.abs(rest) >= 999.5 && prefix < COMPACT.length - 1) { rest /= 1000; prefix++; }
    return (rest >= 99.95 || prefix === 0 ? rest.toFixed(0) : rest.toFixed(1)) + (prefix ? ' ' + COMPACT[prefix] : '');
  }

  /** As compact, and small numbers with two digits. */
  function amount(number) {
    return Math.abs(number) < 100 && number !== Math.round(number) ? String(Number(number.toPrecision(2))) : compact(number);
  }

  function escaped(text) {
    return String(text).replace(/[&<>"]/g, c => ({'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'}[c]));
  }

  /** Of any number of values: as arguments of Math.min, a hundred thousand are too many. */
  function lowest(values) {
    return values.reduce((low, value) => Math.min(low, value), Infinity);
  }

  function highest(values) {
    return values.reduce((high, value) => Math.max(high, value), -Infinity);
  }

  /** The range of some values with a margin, for an axis that need not begin at 0. */
  function range(values, margin, least, most) {
    if (!values.length) return {min: least, max: most};
    const low = lowest(values), high = highest(values), room = Math.max(high - low, margin) * 0.12;
    return {min: Math.max(least, low - room), max: Math.min(most, high + room)};
  }

  /** The greatest of 1, 2 and 5 times a power of ten that is not above a number. */
  function below(number) {
    const ten = 10 ** Math.floor(Math.log10(number));
    return [5, 2, 1].map(digit => digit * ten).find(round => round <= number);
  }

  function above(number) {
    const ten = 10 ** Math.floor(Math.log10(number));
    return [1, 2, 5, 10].map(digit => digit * ten).find(round => round >= number);
  }

  /** An axis of scores: percent have a top, others only a bottom. */
  function scores(data, values) {
    if (data.percent) return range(values, 2, 0, 100.5);
    return values.length ? range(values, 0.02, 0, Infinity) : {min: 0};
  }

  /** As few digits as tell numbers of an axis apart. */
  function short(value) {
    return String(Number(value.toFixed(Math.abs(value) >= 10 ? 1 : 3)));
  }

  class BlockfrontChart extends HTMLElement {
    connectedCallback() {
      if (this.chart) return;
      this.canvas = document.createElement('div');
      this.canvas.className = 'chart-canvas';
      this.appendChild(this.canvas);
      this.chart = echarts.init(this.canvas, null, {renderer: 'canvas'});
      this.sizes = new ResizeObserver(() => this.resize());
      this.sizes.observe(this);
      this.recolour = () => { this.form = undefined; this.draw(); };
      window.addEventListener('blockfront-scheme', this.recolour);
      this.system = window.matchMedia('(prefers-color-scheme: dark)');
      this.system.addEventListener('change', this.recolour);
      this.chart.on('click', chosen => {
        const number = chosen.value && chosen.value[2];
        if (this.kind === 'front' && number !== undefined) this.$server.picked(number);
      });
      // ECharts goes back to the points of the first drawing
      this.chart.on('restore', this.recolour);
      this.chart.on('brushEnd', marked => {
        const area = marked.areas[0];
        if (!area) return;
        this.marked = true;
        const [[left, right], [bottom, top]] = area.coordRange;
        this.$server.brushed(left, right, bottom, top);
      });
      this.chart.on('axisareaselected', () => {
        clearTimeout(this.told);
        this.told = setTimeout(() => this.tellChosen(), 200);
      });
      this.chart.on('brush', marked => {
        if (marked.command === 'clear' || (marked.areas && marked.areas.length === 0)) {
          this.marked = false;
          this.$server.unbrushed();
        }
      });
      if (Object.hasOwn(this, 'description')) { // set before this script came
        const early = this.description;
        delete this.description;
        this.description = early;
      } else {
        this.draw();
      }
    }

    disconnectedCallback() {
      window.removeEventListener('blockfront-scheme', this.recolour);
      this.system.removeEventListener('change', this.recolour);
      this.sizes.disconnect();
      this.chart.dispose();
      this.chart = undefined;
      this.form = undefined;
      this.marked = false;
      clearTimeout(this.told);
      this.canvas.remove();
    }

    get description() { return this.text; }

    set description(text) { this.text = text; this.draw(); }

    draw() {
      if (!this.chart || !this.text) return;
      const data = JSON.parse(this.text);
      const option = this[data.kind](data);
      // axes do not merge into others, nor into fewer
      const form = [data.kind, ...(option.parallelAxis || []).map(axis => axis.name)].join('\n');
      const anew = this.form !== form;
      this.chart.setOption(option, {notMerge: anew});
      this.kind = data.kind;
      this.form = form;
      if (anew) this.unmark();
      this.drawn = (this.drawn || 0) + 1;
    }

    resize() {
      if (!this.chart) return;
      this.chart.resize();
      // a hidden one has no room for any axes
      if (this.kind === 'parallel' && this.clientWidth) this.draw();
    }

    /** Nothing is marked any more; tells so, if anything was. */
    unmark() {
      clearTimeout(this.told);
      if (!this.marked) return;
      this.marked = false;
      if (this.kind === 'parallel') this.$server.chosen('');
      else this.$server.unbrushed();
    }

    /** Tells which lines of a parallel chart are within what is marked on its axes; none if nothing is. */
    tellChosen() {
      const model = this.chart.getModel(), series = model.getSeriesByIndex(0);
      const marked = model.queryComponents({mainType: 'parallelAxis'}).some(axis => axis.activeIntervals && axis.activeIntervals.length);
      this.marked = marked;
      const lines = JSON.parse(this.text).lines;
      const numbers = marked ? series.getRawIndicesByActiveState('active').map(i => lines[i][0]) : [];
      this.$server.chosen(marked && !numbers.length ? '0' : numbers.join(','));
    }

    /** Where a point of the front chart is in the window; tests click there. */
    placeOf(number) {
      const point = JSON.parse(this.text).points.find(p => p[2] === number);
      const [x, y] = this.chart.convertToPixel({xAxisIndex: 0, yAxisIndex: 0}, point);
      const box = this.canvas.getBoundingClientRect();
      return [x + box.left, y + box.top];
    }

    colours() {
      const style = getComputedStyle(this);
      const of = name => style.getPropertyValue('--chart-' + name).trim();
      return {text: of('text'), faint: of('faint'), line: of('line'), ground: of('ground'), point: of('point'),
        front: of('front'), second: of('second'), third: of('third')};
    }

    frame(c) {
      return {
        animation: false,
        aria: {enabled: true},
        textStyle: {fontFamily: getComputedStyle(this).fontFamily, color: c.text},
        tooltip: {backgroundColor: c.ground, borderColor: c.line, textStyle: {color: c.text, fontSize: 13}, confine: true},
      };
    }

    axis(c, more) {
      return Object.assign({
        nameLocation: 'middle', nameTextStyle: {color: c.faint, fontSize: 12},
        axisLine: {lineStyle: {color: c.line}}, axisTick: {show: false},
        axisLabel: {color: c.faint, fontSize: 12, hideOverlap: true}, splitLine: {lineStyle: {color: c.line, opacity: 0.6}},
        minorSplitLine: {show: false},
      }, more);
    }

    front(data) {
      const c = this.colours();
      const shown = point => `<b>#${point.value[2]}</b> ${escaped(point.value[3])}<br>`
          + `${point.value[1].toFixed(data.percent ? 2 : 4)}${data.unit} · ${amount(point.value[4])}${data.amount}`;
      const flops = data.points.map(p => p[0]);
      const low = flops.length ? lowest(flops) : 1e5, high = flops.length ? highest(flops) : 1e8;
      return Object.assign(this.frame(c), {
        grid: {left: 58, right: 22, top: 44, bottom: 52},
        legend: {top: 6, left: 8, itemWidth: 14, textStyle: {color: c.faint}, data: ['front', 'trained']},
        toolbox: {top: 2, right: 8, itemSize: 16, iconStyle: {borderColor: c.faint},
          feature: {brush: {type: ['rect', 'clear'], title: {rect: 'Mark networks', clear: 'Show all'}},
            restore: {title: 'Whole picture'}, saveAsImage: {title: 'Save as picture', name: 'front'}}},
        brush: {xAxisIndex: 0, yAxisIndex: 0, throttleType: 'debounce', throttleDelay: 200, transformable: false,
          brushStyle: {color: 'rgba(127,127,127,.12)', borderColor: c.faint}, outOfBrush: {colorAlpha: 0.25}},
        dataZoom: [{type: 'inside', xAxisIndex: 0, filterMode: 'none', zoomOnMouseWheel: 'ctrl', moveOnMouseMove: false},
          {type: 'inside', yAxisIndex: 0, filterMode: 'none', zoomOnMouseWheel: 'ctrl', moveOnMouseMove: false}],
        tooltip: Object.assign(this.frame(c).tooltip, {trigger: 'item', formatter: shown}),
        xAxis: this.axis(c, {type: 'log', name: data.x, nameGap: 30, min: below(low / 1.15), max: above(high * 1.15),
          axisLabel: {color: c.faint, formatter: amount, hideOverlap: true}}),
        yAxis: this.axis(c, Object.assign({type: 'value', name: 'validation ' + data.axis, nameGap: 40,
          axisLabel: {color: c.faint, formatter: short, showMinLabel: false, showMaxLabel: false}},
          scores(data, data.points.map(p => p[1])))),
        series: [
          {id: 'trained', name: 'trained', type: 'scatter', symbolSize: 9, large: data.points.length > 2000, progressive: 0,
            itemStyle: {color: c.point, opacity: 0.75}, data: data.points, cursor: 'pointer'},
          {id: 'front', name: 'front', type: 'line', step: 'end', symbol: 'circle', symbolSize: 11, data: data.front,
            lineStyle: {width: data.joined ? 2 : 0, color: c.front}, itemStyle: {color: c.front, borderColor: c.ground, borderWidth: 1.5}, z: 5, cursor: 'pointer'}],
      });
    }

    line(data) {
      const c = this.colours();
      return Object.assign(this.frame(c), {
        grid: {left: 52, right: 16, top: 16, bottom: 44},
        tooltip: Object.assign(this.frame(c).tooltip, {trigger: 'axis', valueFormatter: v => v.toFixed(2)}),
        xAxis: this.axis(c, {type: 'value', name: data.x, nameGap: 26, minInterval: 1, splitLine: {show: false}, min: 0}),
        yAxis: this.axis(c, Object.assign({type: 'value', name: data.y, nameGap: 36, splitNumber: 3,
          axisLabel: {color: c.faint, formatter: v => v.toFixed(v % 1 ? 1 : 0), showMinLabel: false, showMaxLabel: false}},
          range(data.points.map(p => p[1]), 1, 0, 100))),
        series: [{id: 'line', name: data.y, type: 'line', step: 'end', symbol: 'none', data: data.points, lineStyle: {width: 2, color: c.second},
          areaStyle: {color: c.second, opacity: 0.12}}],
      });
    }

    curves(data) {
      const c = this.colours();
      const curve = (id, points, colour, axis, dashed) => ({id, name: id, type: 'line', yAxisIndex: axis, symbol: 'circle', symbolSize: 4,
        showSymbol: points.length < 30, data: points, lineStyle: {width: 2, color: colour, type: dashed ? 'dashed' : 'solid'}, itemStyle: {color: colour}});
      return Object.assign(this.frame(c), {
        grid: {left: 48, right: 52, top: 40, bottom: 44},
        legend: {top: 4, textStyle: {color: c.faint}},
        tooltip: Object.assign(this.frame(c).tooltip, {trigger: 'axis', valueFormatter: v => v.toFixed(3)}),
        xAxis: this.axis(c, {type: 'value', name: 'epoch', nameGap: 26, minInterval: 1, splitLine: {show: false}, min: 1,
          max: Math.max(2, data.score.length)}),
        yAxis: [this.axis(c, {type: 'value', name: 'loss', nameGap: 34, min: 0}),
          this.axis(c, Object.assign({type: 'value', name: data.axis, nameGap: 38, splitLine: {show: false}, min: 0},
            data.percent ? {max: 100} : {}))],
        series: [curve('train loss', data.train, c.point, 0, true), curve('validation loss', data.validation, c.second, 0, false),
          Object.assign(curve('validation ' + data.metric, data.score, c.front, 1, false), {markLine: {silent: true, symbol: 'none',
            lineStyle: {color: c.third, type: 'dotted', width: 1.5},
            label: {position: 'insideEndTop', color: c.faint, fontSize: 11, formatter: line => line.name},
            data: data.baselines.map(([name, score]) => ({name, yAxis: score}))}})],
      });
    }

    spark(data) {
      const c = this.colours();
      return Object.assign(this.frame(c), {
        grid: {left: 2, right: 2, top: 6, bottom: 4},
        tooltip: Object.assign(this.frame(c).tooltip, {trigger: 'axis', formatter: p => `epoch ${p[0].value[0]}: ${p[0].value[1].toFixed(data.percent ? 2 : 4)}${data.unit}`}),
        xAxis: {type: 'value', show: false, min: 1, max: data.most},
        yAxis: Object.assign({type: 'value', show: false, min: 0}, data.percent ? {max: 100} : {}),
        series: [{id: 'spark', type: 'line', data: data.points, symbol: 'circle', symbolSize: 4, lineStyle: {width: 2, color: c.second},
          itemStyle: {color: c.second}, areaStyle: {color: c.second, opacity: 0.12}}],
      });
    }

    confusion(data) {
      const c = this.colours();
      const most = Math.max(1, highest(data.cells.map(cell => cell[2])));
      const names = this.axis(c, {type: 'category', data: data.classes, splitLine: {show: false},
        axisLabel: {color: c.faint, fontSize: 11, interval: 0, width: 64, overflow: 'truncate'}});
      const many = data.classes.length > 20;
      return Object.assign(this.frame(c), {
        grid: {left: 84, right: 10, top: 10, bottom: 78},
        tooltip: Object.assign(this.frame(c).tooltip, {formatter: p =>
          `${p.value[2]} of ${escaped(data.classes[p.value[1]])}<br>taken for ${escaped(data.classes[p.value[0]])}`}),
        xAxis: Object.assign({}, names, {name: 'answer', nameGap: 58, axisLabel: Object.assign({}, names.axisLabel, {rotate: 45, show: !many})}),
        yAxis: Object.assign({}, names, {name: 'true class', nameGap: 70, inverse: true, axisLabel: Object.assign({}, names.axisLabel, {show: !many})}),
        visualMap: {show: false, min: 0, max: most, inRange: {color: [c.ground, c.second]}},
        series: [{id: 'cells', type: 'heatmap', data: data.cells, itemStyle: {borderColor: c.ground, borderWidth: 1},
          label: {show: data.classes.length <= 12, fontSize: 11, color: c.text, formatter: p => p.value[2] || ''}}],
      });
    }

    importance(data) {
      const c = this.colours();
      const colours = [c.front, c.second, c.point];
      return Object.assign(this.frame(c), {
        grid: {left: 8, right: 24, top: 36, bottom: 40, containLabel: true},
        legend: {top: 2, left: 0, itemWidth: 14, itemHeight: 10, textStyle: {color: c.faint}},
        tooltip: Object.assign(this.frame(c).tooltip, {trigger: 'axis', axisPointer: {type: 'none'},
          valueFormatter: v => v.toFixed(1) + ' % explained'}),
        xAxis: this.axis(c, {type: 'value', name: 'share of the variance, %', nameGap: 26, min: 0, splitNumber: 4}),
        yAxis: this.axis(c, {type: 'category', inverse: true, data: data.choices, splitLine: {show: false},
          axisLabel: {color: c.text, fontSize: 12, width: 170, overflow: 'truncate'}}),
        series: data.objectives.map((name, i) => ({id: name, name, type: 'bar', data: data.shares[i], barMaxWidth: 10, barGap: '15%',
          itemStyle: {color: colours[i], borderRadius: [0, 3, 3, 0]}})),
      });
    }

    parallel(data) {
      const c = this.colours();
      const narrow = this.clientWidth < 640;
      const left = narrow ? 52 : 72, right = narrow ? 44 : 48;
      const room = Math.max(0, this.clientWidth - left - right);
      // as many choices as leave room for what is written beside their axes
      const objectives = data.axes.filter(axis => !axis.values).length;
      const choices = Math.max(1, Math.floor(room / (narrow ? 78 : 104)) + 1 - objectives);
      const few = data.axes.filter((axis, i) => !axis.values || i < choices);
      const kept = few.map(axis => data.axes.indexOf(axis));
      const apart = room / Math.max(1, few.length - 1);
      const label = {color: c.faint, fontSize: 11, width: Math.min(apart - 22, 110), overflow: 'truncate'};
      const axes = few.map((axis, dim) => Object.assign({dim, name: axis.name,
        nameTextStyle: {color: c.text, fontSize: 12, width: apart - 10, overflow: 'truncate'},
        axisLine: {lineStyle: {color: c.faint}}, axisTick: {show: false}, splitLine: {show: false},
        areaSelectStyle: {width: 18, borderWidth: 1, borderColor: c.second, color: c.second, opacity: 0.22}},
        axis.values ? {type: 'category', data: axis.values, boundaryGap: true, axisLabel: label}
          : {type: axis.log ? 'log' : 'value', scale: true, axisLabel: Object.assign({}, label, {formatter: amount})}));
      const many = data.lines.length;
      const line = values => ({number: values[0], value: kept.map(i => values[i + 2])});
      const set = (id, lines, colour, width, opacity) => ({id, name: id, type: 'parallel', data: lines, smooth: 0.15, progressive: 400,
        lineStyle: {color: colour, width, opacity}, inactiveOpacity: 0.03, activeOpacity: Math.max(opacity, 0.6),
        emphasis: {lineStyle: {width: 3, opacity: 1}}});
      return Object.assign(this.frame(c), {
        parallel: {left, right, top: 40, bottom: 26, parallelAxisDefault: {nameLocation: 'end', nameGap: 16, realtime: true}},
        parallelAxis: axes,
        tooltip: Object.assign(this.frame(c).tooltip, {trigger: 'item', formatter: p => `<b>#${p.data.number}</b>`}),
        series: [set('all', data.lines.map(line), c.point, 1.2, many > 300 ? 0.18 : 0.45),
          set('front', data.lines.filter(l => l[1]).map(line), c.front, 2, 0.9)],
      });
    }

    growth(data) {
      const c = this.colours();
      const number = {color: c.faint, formatter: compact, hideOverlap: true};
      return Object.assign(this.frame(c), {
        grid: {left: 64, right: 16, top: 12, bottom: 44},
        tooltip: Object.assign(this.frame(c).tooltip, {trigger: 'axis', formatter: p => `${p[0].value[0]} tokens: ${compact(p[0].value[1])}`}),
        xAxis: this.axis(c, {type: 'log', logBase: 4, name: data.x, nameGap: 26, splitLine: {show: false}, axisLabel: number}),
        yAxis: this.axis(c, {type: 'log', name: data.y, nameGap: 46, axisLabel: number}),
        series: [{id: 'growth', type: 'line', data: data.points, symbol: 'circle', symbolSize: 6, lineStyle: {width: 2, color: c.second}, itemStyle: {color: c.second}}],
      });
    }
  }

  customElements.define('blockfront-chart', BlockfrontChart);
})();
