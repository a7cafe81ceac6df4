// Time that is moved forward: a reminder for a task that was taken arrives at the right local time.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser } from './lib/browser.mjs';
import { comeIn, letPass } from './lib/demo.mjs';
import { demo } from './lib/kith.mjs';

let kith;
let browser;

before(async () => {
  kith = await demo();
  browser = await Browser.start();
});

after(async () => {
  await browser?.stop();
  await kith?.stop();
});

/** Tom's mails, newest first: subject, when it was sent, and its text. */
async function mailsOf(person, who) {
  await person.goto(`/demo/mailbox?to=${who}`);
  const rows = await person.page.locator('.mails li').all();
  const mails = [];
  for (const row of rows) {
    const link = row.getByRole('link');
    const when = /, (\w+ \d+ \w+, [\w.]+)$/.exec((await row.innerText()).trim())?.[1];
    mails.push({ subject: await link.innerText(), when, href: await link.getAttribute('href') });
  }
  for (const mail of mails) {
    await person.goto(mail.href);
    mail.text = await person.page.locator('pre.mail').innerText();
  }
  return mails;
}

test('a taken task is reminded of at 6pm the day before and two hours before', async () => {
  const tom = await comeIn(browser, kith.url, 'Tom');
  await tom.goto('/me/e-mails');
  await tom.choose('On the day itself', { label: 'Two hours before' });
  await tom.press('Save');
  await tom.goto('/me/help-needed');
  await tom.press(/^I can do this.*Shopping/);
  assert.equal(await tom.heading(), 'Thank you, Tom');
  const promised = await tom.main();
  const [, dayBefore, day] = /remind you on (\w+ \d+ \w+) at 6pm and on (\w+ \d+ \w+) at noon/.exec(promised) ?? [];
  assert.ok(day, promised);
  assert.match(promised, /2pm to 3\.30pm/);

  const mine = (mails) => mails.filter((mail) => mail.text.includes('Shopping') && mail.text.includes(day));
  assert.deepEqual(mine(await mailsOf(tom, 'tom')), [], 'nothing before its time');

  // One instant at a time, then whole days: on the way everything happens in its order.
  await letPass(tom, 'To the next e-mail');
  await letPass(tom, 'To tomorrow at 8am');
  for (let passed = 0; passed < 4; passed += 1) await letPass(tom, 'On by a day');

  const reminders = mine(await mailsOf(tom, 'tom')).filter((mail) => /Here is a reminder|It starts soon/.test(mail.text)).reverse();
  assert.deepEqual(reminders.map((mail) => mail.when), [`${dayBefore}, 6pm`, `${day}, noon`]);
  for (const { text } of reminders) {
    assert.match(text, /2pm to 3\.30pm/);
    assert.match(text, /Heron/);
    for (const name of ['Margaret', 'Ruth', 'Quarry', 'Milk', 'Tom']) assert.ok(!text.includes(name), name);
  }

  // Nothing was sent at night, to anybody.
  await tom.goto('/demo/mailbox');
  const times = [...(await tom.main()).matchAll(/, \w+ \d+ \w+, (\d+|noon|midnight)[.\d]*(am|pm)?/g)];
  assert.ok(times.length > 4, 'others had mails too');
  for (const [row, hour, half] of times) {
    const late = (half === 'pm' && Number(hour) >= 8 && hour !== '12') || (half === 'am' && (Number(hour) < 8 || hour === '12'));
    assert.ok(!late && hour !== 'midnight', row);
  }

  // The link of the mail opens that one task, for whoever holds it, and says little.
  const link = /\/s\/\S+/.exec(reminders[0].text)[0];
  const reader = await browser.person('a reader of the mail', kith.url);
  await reader.open(link);
  assert.match(await reader.main(), /Shopping for Heron circle/);
  for (const name of ['Margaret', 'Ruth', 'Tom', 'Quarry', 'Milk']) {
    assert.ok(!(await reader.page.content()).includes(name), name);
  }
});
