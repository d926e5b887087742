/** Readable on a phone in the dark; no font, picture or colour from elsewhere. */
export const style = `:root { color-scheme: light dark; }
* { box-sizing: border-box; }
body { font: 1.05rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 46rem; padding: 0 1rem 3rem; }
header { align-items: baseline; display: flex; flex-wrap: wrap; gap: 0.3rem 1rem; justify-content: space-between; }
h1 { font-size: 1.4rem; line-height: 1.25; }
h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8886; padding: 0.35rem 0.5rem 0.35rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
label { display: block; margin-top: 1rem; }
input, select { display: block; font: inherit; min-height: 2.75rem; padding: 0.3rem 0.5rem; width: 100%; }
input[type="checkbox"] { display: inline-block; min-height: 1.3rem; vertical-align: middle; width: 1.3rem; }
button { font: inherit; font-weight: bold; margin-top: 1.2rem; min-height: 2.75rem; padding: 0.4rem 1.2rem; }
.careful { border-left: 0.4rem solid #c60; padding-left: 0.8rem; }
.problem { border-left: 0.4rem solid #c00; padding-left: 0.8rem; }
.good { border-left: 0.4rem solid #080; padding-left: 0.8rem; }
li { margin: 0.3rem 0; }
a, button, input, select { outline-offset: 3px; }
`;
