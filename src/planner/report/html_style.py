"""The look of a report in HTML: light and dark by the reader's system, black on white on paper."""

STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1b2430; --quiet: #5b6675; --rule: #d5dbe3;
  --soft: #f3f5f8; --accent: #1f4e79; --good: #0b5cad; --bad: #9a4a00; --band: #9dbfe0; --badband: #f0b878;
  --c0: #1f4e79; --c1: #e08a2e; --c2: #2a8c82; --c3: #b5543c; --c4: #7a6bb0; --c5: #a9b85a; --c6: #c96d9a;
  --c7: #8b95a1; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181e; --ink: #e3e8ef; --quiet: #9aa6b5;
  --rule: #333c48; --soft: #1c222b; --accent: #8fbbe8; --good: #7db4f0; --bad: #f0b060; --band: #35597d;
  --badband: #7d5628; --c0: #6ea3d6; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 .25rem; color: var(--accent); }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 2.2rem 0 .6rem; padding-bottom: .3rem;
  border-bottom: 1px solid var(--rule); color: var(--accent); }
h3 { font-size: 1rem; margin: 1.3rem 0 .3rem; }
h1 .aside, h2 .aside, h3 .aside { display: block; font-size: .9rem; font-weight: 400; color: var(--quiet); }
p { margin: .4rem 0; }
.quiet { color: var(--quiet); font-size: .92em; }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; } .title { font-weight: 600; }
code { font: .92em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--soft);
  padding: 0 .25em; border-radius: 3px; }
nav { margin: 1rem 0 0; padding: .6rem .9rem; background: var(--soft); border-radius: 6px; font-size: .9rem; }
nav a { color: var(--accent); text-decoration: none; margin-right: 1.1em; white-space: nowrap; }
nav a:hover { text-decoration: underline; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .75rem;
  margin: 1.2rem 0; }
.tile { border: 1px solid var(--rule); border-top: 3px solid var(--accent); border-radius: 4px;
  padding: .6rem .8rem; }
.tile b { display: block; font-size: 1.35rem; line-height: 1.3; }
.tile span { display: block; color: var(--quiet); font-size: .85rem; }
.tile .name { text-transform: uppercase; letter-spacing: .06em; font-size: .72rem; font-weight: 600; }
dl { display: grid; grid-template-columns: minmax(6rem, 10rem) 1fr; gap: .3rem 1.2rem; margin: .6rem 0; }
dl.marks { grid-template-columns: 1.2rem 1fr; }
dt { font-weight: 600; } dd { margin: 0; } dt:empty { display: none; } dt:empty + dd { grid-column: 2; }
dd span { display: block; }
ul { margin: .3rem 0; padding-left: 1.3rem; } li { margin: .2rem 0; } ul ul { margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0; font-size: .9rem; }
th { text-align: left; font-weight: 600; color: var(--quiet); border-bottom: 2px solid var(--rule); }
th, td { padding: .3rem .8rem .3rem 0; vertical-align: top; }
td { border-bottom: 1px solid var(--rule); overflow-wrap: break-word; } td code { overflow-wrap: anywhere; }
.right { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td span { display: block; } th.right, td.right { padding-right: 1.4rem; }
th { white-space: nowrap; }
svg { display: block; width: 100%; height: auto; margin: .7rem 0; font-size: 12.5px; fill: var(--ink); }
svg .label { font-weight: 600; } svg .small { font-size: 11px; } svg .quiet { fill: var(--quiet); }
svg .axis { fill: var(--rule); } svg .band { fill: var(--band); } svg .band.bad { fill: var(--badband); }
svg .median { stroke: var(--ink); stroke-width: 3; }
svg .limit { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 4 2; }
svg .room { fill: var(--soft); stroke: var(--rule); } svg .on { fill: #fff; font-weight: 700; }
svg .part { stroke: var(--paper); stroke-width: 1; }
svg .part.c0 { fill: var(--c0); } svg .part.c1 { fill: var(--c1); } svg .part.c2 { fill: var(--c2); }
svg .part.c3 { fill: var(--c3); } svg .part.c4 { fill: var(--c4); } svg .part.c5 { fill: var(--c5); }
svg .part.c6 { fill: var(--c6); } svg .part.c7 { fill: var(--c7); }
svg .on.c1, svg .on.c5, svg .on.c7 { fill: #1b2430; }
.legend { columns: 17rem; list-style: none; padding: 0; font-size: .9rem; }
.legend li { margin: 0; }
.legend b { display: inline-block; width: 1.5em; }
details { margin: .6rem 0; } summary { cursor: pointer; color: var(--accent); }
footer { margin-top: 3rem; padding-top: .8rem; border-top: 1px solid var(--rule); color: var(--quiet);
  font-size: .85rem; }
@media print {
  :root { color-scheme: light; --paper: #fff; --ink: #000; --quiet: #444; --rule: #bbb; --soft: #f2f2f2;
    --accent: #1f4e79; --good: #0b5cad; --bad: #9a4a00; --band: #9dbfe0; --badband: #f0b878; --c0: #1f4e79; }
  @page { margin: 18mm 16mm; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { font-size: 10pt; } main { max-width: none; padding: 0; } nav { display: none; }
  h2, h3 { break-after: avoid; } tr, li, .tile, svg, dt, dd { break-inside: avoid; }
  details > * { display: block; } .tiles { grid-template-columns: repeat(3, 1fr); }
}
"""
