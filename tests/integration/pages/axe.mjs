// Looks for violations of accessibility with axe-core, in one headless Chromium, over pages at the widths of
// a telephone and a desk, light and dark. Chromium is spoken to over its debugging pipe.
//   node axe.mjs CHROMIUM PAGE...
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [chromium, ...pages] = process.argv.slice(2);
const axe = readFileSync(join(process.env.CONSUMERS, 'node_modules/axe-core/axe.min.js'), 'utf8');
const profile = mkdtempSync(join(tmpdir(), 'axe-'));
const browser = spawn(
  chromium,
  ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--remote-debugging-pipe',
    '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows',
    `--user-data-dir=${profile}`, 'about:blank'],
  { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
);
const waiting = new Map();
const listeners = new Map();
let [last, buffered] = [0, ''];
browser.stdio[4].setEncoding('utf8').on('data', (text) => {
  const messages = (buffered + text).split('\0');
  buffered = messages.pop();
  for (const { id, method, result, error } of messages.map((message) => JSON.parse(message))) {
    const [resolve, reject] = waiting.get(id) ?? [];
    if (error) reject?.(new Error(error.message));
    else resolve?.(result);
    waiting.delete(id);
    listeners.get(method)?.();
    listeners.delete(method);
  }
});

// A browser that does not answer must not hold up those who wait for it; one that is slow may be.
function give_up(method) {
  console.error(`Chromium did not answer ${method} in two minutes`);
  browser.kill();
  process.exit(2);
}

function send(method, params = {}, sessionId = undefined) {
  last += 1;
  const id = last;
  browser.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
  const limit = setTimeout(() => give_up(method), 120_000);
  return new Promise((resolve, reject) => waiting.set(id, [resolve, reject])).finally(() => clearTimeout(limit));
}

// Rules whose findings change with the width or the colours: all others are asked once a page.
const of_looks = ['color-contrast', 'link-in-text-block', 'target-size', 'scrollable-region-focusable'];

let violations = 0;
try {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const ask = (method, params) => send(method, params, sessionId);
  await ask('Page.enable');
  for (const page of pages) {
    const loaded = new Promise((resolve) => listeners.set('Page.loadEventFired', resolve));
    await ask('Page.navigate', { url: pathToFileURL(page).href });
    await loaded;
    let rules;
    await ask('Runtime.evaluate', { expression: axe });
    // What is folded is part of the page.
    await ask('Runtime.evaluate', {
      expression: "for (const details of document.querySelectorAll('details')) details.open = true",
    });
    for (const width of [390, 1280]) {
      for (const scheme of ['light', 'dark']) {
        await ask('Emulation.setDeviceMetricsOverride', { width, height: 844, deviceScaleFactor: 1, mobile: false });
        await ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
        const { result, exceptionDetails } = await ask('Runtime.evaluate', {
          expression: `(async () => {
            const { violations } = await axe.run({ resultTypes: ['violations'], ...${JSON.stringify(rules ?? {})} });
            const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
            return {
              isDark: getComputedStyle(document.body).backgroundColor === 'rgb(18, 22, 28)',
              wide,
              found: violations.flatMap(({ id, impact, help, nodes }) =>
                nodes.map(({ html, failureSummary }) => ({ id, impact, help, html, failureSummary }))),
            };
          })()`,
          awaitPromise: true,
          returnByValue: true,
        });
        rules = { runOnly: of_looks, rules: { 'target-size': { enabled: true } } };
        if (exceptionDetails) throw new Error(exceptionDetails.exception?.description);
        const { isDark, wide, found } = result.value;
        const where = `${basename(page)} at ${width} px, ${scheme}`;
        if (isDark !== (scheme === 'dark')) throw new Error(`${where}: drawn in the other scheme`);
        if (wide > 0) {
          violations += 1;
          console.log(`${where}: ${wide} px wider than the screen`);
        }
        for (const { id, impact, help, html, failureSummary } of found) {
          violations += 1;
          console.log(`${where}: ${id} (${impact}): ${help}\n${html}\n${failureSummary}`);
        }
        console.log(`checked ${where}`);
      }
    }
  }
} finally {
  browser.kill();
  await new Promise((resolve) => browser.once('exit', resolve));
  rmSync(profile, { recursive: true, force: true });
}
process.exitCode = violations === 0 ? 0 : 1;
