export const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 62rem; padding: 1rem 1.5rem 4rem; }
h1 { margin-bottom: 0; } h2 { border-bottom: 1px solid var(--line); margin-top: 3rem; } h4 { margin: 1rem 0 .25rem; }
code, pre { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; } pre { background: var(--soft); overflow: auto; padding: .75rem; }
nav { columns: 3 12rem; } nav a { display: block; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; padding: .5rem .75rem; }
summary { cursor: pointer; } .method { display: inline-block; font-weight: 700; width: 4.5rem; }
.get { color: #2a7ade; } .post { color: #1e8e4e; } .patch, .put { color: #b3730a; } .delete { color: #c53b3b; }
table { border-collapse: collapse; width: 100%; } th, td { border-top: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; }
th { font-weight: 400; white-space: nowrap; } th b { color: #c53b3b; } small { opacity: .75; } .answer { border-top: 1px solid var(--line); padding: .4rem 0; }
.answer p { margin: .2rem 0; }
`;
