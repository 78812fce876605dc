"""The frame of a report's page: its style for light and dark, and what its measures mean."""

from string import Template

PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="spikelake-report" content="$said">
<title>$title</title>
<style>
:root { --ink: #1c2430; --soft: #5a6675; --line: #d9dee5; --paper: #fff; --tint: #eef1f5;
  --c1: #5a6675; --c2: #2660c9; --c3: #d65820; --bad: #a3210f; --warn: #8a4b00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9f0; --soft: #9aa7b8; --line: #333d4a;
  --paper: #12171e; --tint: #1f2731; --c1: #9aa7b8; --c2: #6f9df0; --c3: #f08a55;
  --bad: #ff8d7a; --warn: #f0b45f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 2rem 1.25rem 4rem; color: var(--ink);
  font: 16px/1.55 system-ui, "DejaVu Sans", sans-serif; background: var(--paper); }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; } h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p, dd { max-width: 46rem; } .about { color: var(--soft); margin: 0; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem;
  list-style: none; padding: 0; margin: 1.5rem 0; }
.tiles li { border: 1px solid var(--line); border-radius: .5rem; padding: .7rem .9rem; }
.tiles b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere; }
.tiles span { color: var(--soft); font-size: .85rem; }
.wide { overflow-x: auto; margin: .75rem 0; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; }
th { color: var(--soft); font-weight: 600; } td.n { text-align: right; white-space: nowrap; }
td:first-child, .use { white-space: nowrap; }
svg { display: block; width: 100%; min-width: 30rem; max-width: 44rem; height: auto;
  margin: .5rem 0; }
svg text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: var(--soft); }
.grid { stroke: var(--line); } .line { fill: none; stroke-width: 2; }
.line.c1 { stroke: var(--c1); stroke-dasharray: 6 4; } .line.c2 { stroke: var(--c2); }
.line.c3 { stroke: var(--c3); } .c1.bar, .c1.dot { fill: var(--c1); }
.c2.bar, .c2.dot { fill: var(--c2); } .c3.bar, .c3.dot { fill: var(--c3); }
.fill { display: inline-block; width: 3rem; height: .6rem; background: var(--tint);
  border-radius: .3rem; overflow: hidden; } .fill i { display: block; height: 100%;
  background: var(--c2); }
.findings { padding-left: 1.2rem; } .findings i { color: var(--soft); }
li.error b { color: var(--bad); } li.warning b { color: var(--warn); }
dt { font-weight: 600; margin-top: .6rem; } dd { margin: 0; color: var(--soft); }
</style>
</head>
<body>
<h1>$title</h1>
<p class="about">$about</p>
<ul class="tiles">$tiles</ul>
<h2>Findings</h2>
$findings
<h2>Accuracy</h2>
$accuracy
$layers
$chip
<h2>What is measured</h2>
<dl>
<dt>floats; integers, by step; integers, by event</dt>
<dd>The network as trained; its integers with all weights of a time step summed before neurons fire;
its integers with one event after the other, at most one spike of a neuron for each, as the chip is
documented to work. In a time step the order of events is drawn at random. No silicon was at hand
to confirm the rules.</dd>
<dt>95 % interval, difference, p</dt>
<dd>Score interval of Wilson; difference on the same samples with the interval of Newcombe, in
points; exact test of McNemar on the samples that only one of both gets right.</dd>
<dt>decided at</dt>
<dd>Median step, from 1, from which on the class with most output spikes stays the same. Time that
the chip itself takes to pass events on is not in it.</dd>
<dt>overlap, correlation</dt>
<dd>Floats against integers by event. Of how often each neuron fired for each sample, the share of
spikes that both have; of the mean over samples, Pearson's correlation between neurons. Both include
what the layers before do differently.</dd>
<dt>alone</dt>
<dd>One layer in integers, by event, all others in floats: samples right, decisions that differ
from the floats', and how far output counts move as a share of the floats'. The layer that loses
most accuracy, then changes most decisions, then moves outputs most, is marked.</dd>
<dt>SynOps</dt>
<dd>Synaptic operations a sample, by event: for each spike that reaches a core, the neurons it is
added to. Rates hold while samples follow one another without a pause.</dd>
</dl>
</body>
</html>
""")
