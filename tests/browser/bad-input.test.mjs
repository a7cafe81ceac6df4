// What people and others send that nobody asked for: in other alphabets, too long, hostile, twice,
// after the session ended. Nothing is lost, nothing is half written, and it is never our fault.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser } from './lib/browser.mjs';
import { comeIn, giveNumber, ownNumber } from './lib/demo.mjs';
import { told } from './lib/examine.mjs';
import { demo, demoDay } from './lib/kith.mjs';

let kith;
let browser;
let number;
let ruth;

before(async () => {
  kith = await demo();
  browser = await Browser.start();
  ruth = await comeIn(browser, kith.url, 'Ruth');
  number = await ownNumber(ruth);
  await fresh(ruth);
});

after(async () => {
  await browser?.stop();
  await kith?.stop();
});

/** Gives the own number, so that forms which ask for it first can be sent for 15 minutes. */
async function fresh(person) {
  await person.goto(`${person.circle}/number`);
  await giveNumber(person, number);
}

/** Sends a form as a browser would, without one. */
function send(person, action, fields, headers = {}) {
  const body = typeof fields === 'string' ? fields : new URLSearchParams(fields).toString();
  return person.context.request.post(new URL(action, kith.url).href, {
    data: body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'text/html',
      origin: kith.url,
      'sec-fetch-site': 'same-origin',
      ...headers,
    },
    maxRedirects: 0,
  });
}

/** The forms of a page: where each goes, and what it would send. */
async function forms(person, path) {
  await person.goto(path);
  await giveNumber(person, number);
  return person.page.locator('form[method=post]').evaluateAll((all) =>
    all.map((form) => ({ action: form.getAttribute('action'), fields: [...new FormData(form)] })),
  );
}

const ALPHABETS = {
  Welsh: 'Llŷr a’r ŵyn, tŷ gwyn',
  Polish: 'Zażółć gęślą jaźń',
  Arabic: 'مرحبا يا جدتي',
  Chinese: '奶奶今天很好',
  emoji: 'Thank you 🫖👩🏽‍🌾',
};

test('other alphabets come back as they were typed', async (t) => {
  for (const [name, words] of Object.entries(ALPHABETS)) {
    await t.test(name, () => told(async () => {
      await ruth.goto(`${ruth.circle}/news`);
      await ruth.type('A few kind words', words);
      await ruth.press('Leave these words');
      assert.ok((await ruth.main()).includes(words), words);
      if (name === 'Arabic') await ruth.look('bad-arabic');
    }));
  }
  await t.test('and so do names', async () => {
    await ruth.goto(`${ruth.circle}/people/name`);
    await ruth.type('Their name', 'Siân Łucja');
    await ruth.type('Their e-mail address', 'sian@example.com');
    await ruth.tick('Just the rota');
    await ruth.press('Send the invitation');
    await giveNumber(ruth, number);
    assert.match(await ruth.heading(), /Siân Łucja/);
    await ruth.goto(`${ruth.circle}/people`);
    assert.match(await ruth.main(), /Siân Łucja/);
  });
});

test('what is too long or missing is said beside its field, and everything typed is still there', async () => {
  await ruth.goto(`${ruth.circle}/people/name`);
  const long = `${'Wilhelmina '.repeat(60)}end`;
  await ruth.type('Their name', long);
  await ruth.type('Their e-mail address', 'not an address');
  await ruth.tick('The rota, and how Margaret is');
  await ruth.press('Send the invitation');
  const { page } = ruth;
  assert.equal(ruth.last.status(), 422);
  assert.match(await ruth.title(), /^Error: /);
  assert.equal(await page.locator('#name').inputValue(), long);
  assert.equal(await page.locator('#email').inputValue(), 'not an address');
  assert.ok(await page.getByLabel('The rota, and how Margaret is', { exact: true }).isChecked());
  assert.match(await page.locator('#name-error').innerText(), /shorten/);
  assert.match(await page.locator('#email-error').innerText(), /like grace@example\.com/);
  assert.equal(await page.locator('#name').getAttribute('aria-invalid'), 'true');
  // The summary is where the keyboard is, and its links lead to the fields.
  assert.equal(await page.locator('.govuk-error-summary').getAttribute('autofocus'), '');
  for (const link of await page.locator('.govuk-error-summary a').all()) {
    assert.equal(await page.locator(await link.getAttribute('href')).count(), 1);
  }

  await ruth.goto(`${ruth.circle}/rota/add`);
  await ruth.tick('A meal');
  await ruth.type('Which day?', '2020-02-29');
  await ruth.type('From', '18:00');
  await ruth.type('Until', '17:00');
  await ruth.type('Anything they should know', 'Soup ŵ');
  await ruth.press('Put it on the rota');
  assert.equal(ruth.last.status(), 422);
  assert.ok(await page.getByLabel('A meal', { exact: true }).isChecked());
  assert.equal(await page.locator('#date').inputValue(), '2020-02-29');
  assert.equal(await page.locator('#note').inputValue(), 'Soup ŵ');
  assert.match(await page.locator('#date-error').innerText(), /passed/);
});

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '</textarea><form action="https://evil.example">',
  '\'; DROP TABLE circle; --',
  '{{7*7}}{% include "x" %}',
  '../../../../etc/passwd',
  '%00%0d%0aSet-Cookie: x=y',
];

test('hostile text is text', async () => {
  for (const words of HOSTILE) {
    await ruth.goto(`${ruth.circle}/news`);
    await ruth.type('A few kind words', words);
    await ruth.press('Leave these words');
    assert.ok((await ruth.main()).includes(words), words);
    assert.equal(await ruth.page.locator('script, img, main form[action^="http"]').count(), 0, words);
  }
  // In a field that is shown again.
  await ruth.goto('/sign-in/mail');
  await ruth.type('Your e-mail address', HOSTILE[2] + HOSTILE[1]);
  await ruth.press('Send me a code');
  assert.equal(ruth.last.status(), 422);
  assert.equal(await ruth.page.locator('#email').inputValue(), HOSTILE[2] + HOSTILE[1]);
  assert.equal(await ruth.page.locator('script, img, main form[action^="http"]').count(), 0);
});

test('sent twice is once', async (t) => {
  await fresh(ruth);
  const count = async (path, where, words) => {
    await ruth.goto(ruth.circle + path);
    return ruth.page.locator(where, { hasText: words }).count();
  };
  /** The same form twice at the same moment, and once more later. */
  const thrice = async (path, action, more) => {
    const form = (await forms(ruth, ruth.circle + path)).find((one) => one.action.endsWith(action));
    const fields = [...form.fields.filter(([name]) => !(name in more)), ...Object.entries(more)];
    const answers = await Promise.all([send(ruth, form.action, fields), send(ruth, form.action, fields)]);
    answers.push(await send(ruth, form.action, fields));
    for (const answer of answers) assert.equal(answer.status(), 303, `${action}: ${answer.status()}`);
    const targets = new Set(answers.map((answer) => answer.headers().location));
    assert.equal(targets.size, 1, [...targets].join(' and '));
  };
  await t.test('a kind word', async () => {
    await thrice('/news', '/kind-words', { kind: 'Once and no more' });
    assert.equal(await count('/news', '.note', 'Once and no more'), 1);
  });
  await t.test('a name', async () => {
    await thrice('/people/name', '/people/name', { name: 'Onceonly', email: 'once@example.com', see: 'just_rota' });
    assert.equal(await count('/people', '.person__name', 'Onceonly'), 1);
  });
  await t.test('a task', async () => {
    const date = demoDay(6);
    await thrice('/rota/add', '/rota/add', { kind: 'newspaper', date, start: '09:00', end: '09:30' });
    assert.equal(await count(`/rota?week=${date}`, '.t', 'The newspaper'), 1);
  });
});

test('what was typed when the session ended is there after giving the number', () => told(async () => {
  const sam = await comeIn(browser, kith.url, 'Ruth');
  await sam.goto(`${sam.circle}/news`);
  const words = 'A quiet morning. She asked for Biscuit — ŵ.';
  await sam.type('Tell the circle how Margaret is', words);
  // In another window of the same browser somebody signs out.
  const answer = await send(sam, '/sign-out', {});
  assert.equal(answer.status(), 303);
  await sam.press('Tell the circle');
  assert.equal(sam.last.status(), 401);
  await sam.look('bad-session-ended', { status: 401 });
  await sam.type('Your own number', number);
  await sam.press('Open');
  assert.equal(await sam.heading(), 'Thank you. Now carry on');
  await sam.look('bad-carry-on');
  await sam.press('Save what I typed');
  assert.ok((await sam.main()).includes(words), await sam.main());
  await sam.close();
}));

test('requests of another site change nothing', async () => {
  const form = (await forms(ruth, `${ruth.circle}/news`)).find((one) => one.action.endsWith('/kind-words'));
  const fields = [...form.fields.filter(([name]) => name !== 'kind'), ['kind', 'From elsewhere']];
  const strangers = [
    { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    { 'sec-fetch-site': 'same-site', origin: 'http://other.localhost' },
    { 'sec-fetch-site': 'none', origin: 'null' },
  ];
  for (const headers of strangers) {
    assert.equal((await send(ruth, form.action, fields, headers)).status(), 403, JSON.stringify(headers));
  }
  await ruth.goto(`${ruth.circle}/news`);
  assert.ok(!(await ruth.main()).includes('From elsewhere'));
});

/** Bodies that no form of ours sends. */
function broken(fields) {
  const each = (value) => fields.map(([name]) => [name, value]);
  const keeping = (value) => fields.map(([name, was]) => [name, name === 'receipt' ? was : value]);
  return {
    'nothing at all': '',
    'only its receipt': fields.filter(([name]) => name === 'receipt'),
    'no receipt': fields.filter(([name]) => name !== 'receipt'),
    'a receipt that is none': each('x'),
    'hostile everywhere': keeping('"><script>alert(1)</script>'),
    'other alphabets everywhere': keeping('Zażółć ŵ مرحبا 🫖'),
    'long everywhere': keeping('long '.repeat(2000)),
    'control characters': keeping('a\u0000b\u001b[31m\u202e\r\n'),
    'everything twice': [...fields, ...fields],
    'more names than anybody has': Array.from({ length: 3000 }, (_, index) => [`f${index}`, 'x']),
    'no text': 'name=%ff%fe&email=%c3%28&receipt=%zz&a[]=1&=&&&',
    'far too much': `kind=${'x'.repeat(200_000)}`,
  };
}

test('whatever is sent to whatever form, it is never our fault', async (t) => {
  const somebody = await browser.person('Somebody', kith.url);
  const amira = await comeIn(browser, kith.url, 'Amira');
  const tom = await comeIn(browser, kith.url, 'Tom');
  await fresh(ruth);
  const { circle } = ruth;
  await ruth.goto(`${circle}/people`);
  const priya = new URL(await ruth.page.getByRole('link', { name: /Priya’s page/ }).getAttribute('href'), kith.url).pathname;
  await ruth.goto(`${circle}/rota`);
  const slot = await ruth.page.locator('.t a[href*="/rota/"]').last().getAttribute('href');
  await tom.goto('/me/rota');
  const own = await tom.page.locator('.ticket a').first().getAttribute('href');
  const pages = [
    [somebody, '/sign-in'], [somebody, '/sign-in/check'], [somebody, '/i/not-a-token'], [somebody, '/demo'],
    [ruth, `${circle}/`], [ruth, `${circle}/rota/add`], [ruth, slot], [ruth, `${slot}/change`],
    [ruth, `${circle}/people/name`], [ruth, priya], [ruth, `${priya}/items`], [ruth, `${priya}/words`],
    [ruth, `${circle}/tablet`], [ruth, `${circle}/devices/another`], [ruth, `${circle}/private`],
    [ruth, `${circle}/private/edit`], [ruth, `${circle}/news`], [ruth, `${circle}/enrol`],
    [ruth, `${circle}/number`], [ruth, '/me/details'],
    [tom, own], [tom, `${own}/cannot`], [tom, '/me/help-needed'], [tom, '/me/details'],
    [amira, '/h'], [amira, '/h/start'],
  ];
  let sent = 0;
  for (const [person, path] of pages) {
    const all = await forms(person, path);
    // What ends the session, or all sessions, would leave nothing to try.
    for (const { action, fields } of all.filter((form) => !/sign-out|\/stop$|\/demo\/forward/.test(form.action))) {
      for (const [name, body] of Object.entries(broken(fields))) {
        const answer = await send(person, action, body);
        sent += 1;
        assert.ok(answer.status() < 500, `${person.name}, ${action}, ${name}: ${answer.status()}`);
        const html = await answer.text();
        assert.ok(!html.includes('<script>alert'), `${action}, ${name}: as it was sent`);
      }
    }
  }
  for (const path of [`${circle}/rota?week=9999-99-99`, `${circle}/rota?week=-9999-01-01`, `${circle}/rota?week=9999-12-31`,
    `${circle}/looks?before=-9223372036854775808&days=x`, `${circle}/news?before=99999999999999999999`,
    '/c/not-an-id/', `${circle}/rota/not-an-id`, '/s/x/y', '/assets/../../Cargo.toml', '/%ff', '/demo/mailbox?page=18446744073709551615']) {
    const answer = await ruth.context.request.get(kith.url + path, { maxRedirects: 0 });
    assert.ok(answer.status() < 500, `${path}: ${answer.status()}`);
  }
  assert.ok(sent > 300, `${sent} forms were sent`);
  t.diagnostic(`${sent} broken forms were sent`);
  assert.doesNotMatch(kith.service.said, /ERROR|panicked/);
  // It still works.
  assert.equal((await somebody.goto('/')).status(), 200);
});
