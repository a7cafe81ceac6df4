// Every screen there is, as the people of the demonstration see it: with data, empty and in error.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Browser, visited } from './lib/browser.mjs';
import { comeIn, giveNumber, letPass, ownNumber } from './lib/demo.mjs';
import { counted, told } from './lib/examine.mjs';
import { demo } from './lib/kith.mjs';

let kith;
let browser;
let number;
/** Numbers of screens (see the list of the design) that were looked at. */
const seen = new Set();

before(async () => {
  kith = await demo();
  browser = await Browser.start();
  const somebody = await browser.person('Somebody', kith.url);
  number = await ownNumber(somebody);
  await somebody.close();
});

after(async () => {
  await browser?.stop();
  await kith?.stop();
});

/** Goes to a page, gives the own number if it is asked for, and examines what is there. */
async function visit(person, address, name, options = {}) {
  await person.goto(address);
  await giveNumber(person, number);
  for (const screen of name.split('-')[0].split('+')) seen.add(screen);
  await person.look(`screen-${name}`, options);
}

/** Presses a button that ends in the same form, with what is wrong beside its fields. */
async function wrong(person, button, name, where) {
  await person.press(button, where);
  seen.add(`${name.split('-')[0]}!`);
  await person.look(`screen-${name}-error`, { status: 422 });
  assert.ok((await person.page.locator('.govuk-error-message').count()) > 0, `${name}: a sentence beside a field`);
}

const parts = [];
const part = (name, tell) => parts.push([name, tell]);

part('before signing in', async () => {
  const somebody = await browser.person('Somebody', kith.url);
  await visit(somebody, '/demo', 'demo');
  await visit(somebody, '/', '01-welcome');
  await visit(somebody, '/sign-in', '02-sign-in');
  await wrong(somebody, 'Send me a code', '02-sign-in');
  await somebody.type('Your e-mail address', 'nobody@example.com');
  await somebody.press('Send me a code');
  seen.add('03');
  await somebody.look('screen-03-check-mail');
  await wrong(somebody, 'Continue', '03-check-mail');
  await visit(somebody, '/sign-in/link/not-a-link-of-ours', '03-mail-link-over');
  await visit(somebody, '/sign-in/check', '03-check-mail-again');
  await visit(somebody, '/sign-in/mail', '02-sign-in-by-mail');
  await visit(somebody, '/invited', '04-invited');
  await visit(somebody, '/i/not-an-invitation-of-ours', '04-invitation-closed');
  await visit(somebody, '/privacy', '06-privacy');
  await visit(somebody, '/help', '06-help');
  await visit(somebody, '/accessibility', '06-accessibility');
  await visit(somebody, '/not-there', '07-not-here', { status: 404 });
  await visit(somebody, '/demo/mailbox', 'demo-mailbox');
  await somebody.close();
});

part('Ruth, who keeps the rota', async () => {
  const ruth = await comeIn(browser, kith.url, 'Ruth');
  const { circle } = ruth;
  assert.ok(circle, ruth.path());
  const at = (path) => `${circle}${path}`;
  await visit(ruth, at('/'), '12-home');
  await visit(ruth, at('/rota'), '13-rota');
  await visit(ruth, at('/print/rota'), '13-rota-print', { sheet: true });
  await ruth.goto(at('/rota'));
  const gap = ruth.page.locator('.t--gap a').first();
  await ruth.follow(gap);
  seen.add('15');
  await ruth.look('screen-15-one-task-gap');
  await visit(ruth, at('/rota/add'), '14-add-task');
  await wrong(ruth, 'Put it on the rota', '14-add-task');
  await ruth.goto(at('/rota'));
  await ruth.follow(ruth.page.locator('.t a', { hasText: 'A visit' }).last());
  await ruth.look('screen-15-one-task');
  await ruth.tap('Change this task');
  await ruth.look('screen-14-change-task');
  await ruth.type('Which day?', '');
  await wrong(ruth, 'Save', '14-change-task');

  await visit(ruth, at('/people'), '16-people');
  await visit(ruth, at('/people/name'), '10-name-friend');
  await wrong(ruth, 'Send the invitation', '10-name-friend');
  await visit(ruth, at('/people/several'), 'several');
  await ruth.page.locator('#name_2').fill('Bea');
  await ruth.page.locator('#email_2').fill('bea at home');
  await wrong(ruth, 'Name them all', 'several');
  assert.equal(await ruth.page.locator('#name_2').inputValue(), 'Bea');
  await visit(ruth, at('/people/words'), 'words-all');
  await visit(ruth, at('/people/link'), 'link-none');
  await ruth.press('Make a link');
  await ruth.look('screen-link-made');
  const text = await ruth.page.locator('#text').inputValue();
  assert.match(text, /the Heron circle/);
  assert.doesNotMatch(text, /Margaret|Ruth/);
  const shared = new URL(/http\S+$/.exec(text)[0]).pathname;
  await visit(ruth, at('/people/asking'), 'asking-none');
  const zoe = await browser.person('Zoe', kith.url);
  await visit(zoe, shared, 'join');
  await wrong(zoe, 'Ask to join', 'join');
  await zoe.type('Your first name', 'Zoe');
  await zoe.press('Ask to join');
  await zoe.look('screen-join-waiting');
  await zoe.type('Your e-mail address, if you like', 'zoe at home');
  await wrong(zoe, 'Save the address', 'join-waiting');
  await zoe.type('Your e-mail address, if you like', 'zoe@example.com');
  await zoe.press('Save the address');
  await zoe.look('screen-join-waiting-address');
  assert.match(await zoe.main(), /We’ll write to zoe@example\.com/);
  const two = await zoe.page.locator('.said').innerText();
  await ruth.goto(at('/people'));
  await ruth.look('screen-16-people-asking');
  await ruth.tap('See who, and ring them first');
  await ruth.look('screen-asking');
  await ruth.tap(/^Answer/);
  seen.add('asking');
  await ruth.look('screen-asking-one');
  assert.ok((await ruth.main()).includes(two), 'both see the same two words');
  await wrong(ruth, 'I heard the words: let them in', 'asking');
  await ruth.page.locator('#see').check();
  await ruth.press('I heard the words: let them in');
  await zoe.tap('See if there is an answer');
  await zoe.look('screen-join-yes');
  await wrong(zoe, 'Come in', 'join');
  await zoe.type('Choose your own number', '90417');
  await zoe.type('The same number again', '90417');
  await zoe.press('Come in');
  await zoe.look('screen-25-after-joining');
  await visit(zoe, shared, 'join-over');
  await zoe.close();
  await ruth.goto(at('/people'));
  await ruth.tap('Open Tom’s page');
  await giveNumber(ruth, number);
  seen.add('17');
  assert.match(await ruth.main(), /What Tom has promised\s+A visit, /);
  await ruth.look('screen-17-person');
  const tom = new URL(ruth.page.url()).pathname;
  await ruth.goto(at('/people'));
  await ruth.tap('Open Grace’s page');
  await ruth.look('screen-17-person-invited');
  await ruth.tap('Wrong address? Change it');
  await ruth.look('screen-17-invited-address');
  await wrong(ruth, 'Send the new invitation', '17-invited-address');
  await visit(ruth, `${tom}/items`, '18-items');
  await ruth.page.locator('#rota').uncheck();
  await ruth.page.locator('#address').check();
  await wrong(ruth, 'Save', '18-items');
  await visit(ruth, `${tom}/remove`, '19-remove');
  assert.match(await ruth.main(), /tasks are open again: A visit on /);
  await visit(ruth, `${tom}/words`, 'words-none');
  await ruth.press('Make new words');
  await ruth.look('screen-words-waiting');
  await visit(ruth, at('/tablet'), 'tablet');
  assert.match(await ruth.main(), /Margaret has a tablet or phone already/);
  await visit(ruth, at('/door'), '14-door');
  await ruth.goto(at('/rota'));
  if (!(await ruth.main()).includes(', done')) await ruth.tap('Week before');
  const links = ruth.page.locator('main a[href*="/rota/"]');
  const hrefs = await links.evaluateAll((all) => all.map((one) => one.getAttribute('href')));
  const earliest = hrefs.find((href) => /\/rota\/[0-9a-f-]{36}$/.test(href));
  await visit(ruth, `${earliest}/how`, '13-how');
  await visit(ruth, at('/settings'), 'settings');
  await ruth.press('Pause the circle');
  await ruth.look('screen-settings-paused');
  await visit(ruth, at('/'), '12-home-paused');
  await ruth.goto(at('/settings'));
  await ruth.press('Go on');
  await visit(ruth, at('/devices'), 'devices-of-circle');
  await visit(ruth, at('/devices/another'), 'devices-another');
  await ruth.press('Show me the words');
  await ruth.look('screen-devices-another-words');

  await visit(ruth, at('/private'), '20-private');
  await ruth.press('Show it');
  await ruth.look('screen-20-private-entry');
  await visit(ruth, at('/private/edit'), '20-private-edit');
  await ruth.type('Care and comfort', 'Sit her up. '.repeat(900));
  await wrong(ruth, 'Save', '20-private-edit');
  await visit(ruth, at('/looks'), '21-looks');
  await visit(ruth, at('/looks?days=60&all=1'), '21-looks-all');
  await visit(ruth, at('/news'), '22-news');
  await wrong(ruth, 'Tell the circle', '22-news');
  await visit(ruth, '/me/details', '05-details');
  await ruth.type('Your first name', '');
  await wrong(ruth, 'Save', '05-details');
  await visit(ruth, '/me/address', '05-new-address');
  await wrong(ruth, 'Send a code', '05-new-address');
  await ruth.type('Your new e-mail address', 'ruth.new@example.com');
  await ruth.press('Send a code');
  await ruth.look('screen-05-new-address-code');
  assert.match(await ruth.main(), /If we can write to ruth\.new@example\.com/);
  await wrong(ruth, 'Write to me there', '05-new-address-code');
  await visit(ruth, '/devices', 'devices-own');
  await ruth.goto(at('/number'));
  seen.add('own');
  await ruth.look('screen-own-number');
  await wrong(ruth, 'Open', 'own-number');
  await ruth.goto('/number');
  await ruth.look('screen-own-number-of-staff');
  await visit(ruth, '/enrol', 'enrol-of-staff');
  await visit(ruth, circle, '12-home-without-slash');
  await visit(ruth, at('/enrol'), 'enrol');
  await wrong(ruth, 'Continue', 'enrol');
  await ruth.close();
});

part('Margaret, on her own tablet', async () => {
  const margaret = await comeIn(browser, kith.url, 'Margaret');
  const at = (path) => `${margaret.circle}${path}`;
  await visit(margaret, at('/'), '12-home-patient');
  await visit(margaret, at('/people'), '16-people-patient');
  await visit(margaret, at('/private'), '20-private-patient');
  await visit(margaret, at('/looks'), '21-looks-patient');
  await visit(margaret, at('/news'), '22-news-patient');
  await margaret.close();
});

part('Derek, who runs his own circle', async () => {
  const derek = await comeIn(browser, kith.url, 'Derek');
  const at = (path) => `${derek.circle}${path}`;
  await visit(derek, at('/'), '12-home-derek');
  await visit(derek, at('/rota'), '13-rota-derek');
  await visit(derek, at('/private'), '20-private-derek');
  await visit(derek, at('/people/name'), '10-name-friend-derek');
  await derek.close();
});

part('Joan, who was named for the private page', async () => {
  const joan = await comeIn(browser, kith.url, 'Joan');
  const circle = await circleOf(joan);
  await visit(joan, `${circle}/`, '12-home-friend');
  await visit(joan, `${circle}/people`, '16-people-friend');
  await visit(joan, `${circle}/private`, '20-private-friend');
  await visit(joan, `${circle}/looks`, '21-looks-friend');
  await joan.close();
});

part('Tom, who sees just the rota', async () => {
  const tom = await comeIn(browser, kith.url, 'Tom');
  const circle = await circleOf(tom);
  await visit(tom, '/me/rota', '25-my-rota');
  await visit(tom, '/me/help-needed', '26-help-needed');
  await tom.goto('/me/rota');
  await tom.follow(tom.page.locator('.ticket a').first());
  seen.add('26');
  await tom.look('screen-26-my-slot');
  const own = new URL(tom.page.url()).pathname;
  await visit(tom, `${circle}/worried`, '27-worried');
  await wrong(tom, 'Send it to the coordinators', '27-worried');
  await tom.type('What worries you?', 'The bruise on her arm is new.');
  await tom.press('Send it to the coordinators');
  await tom.look('screen-27-worry-sent');
  await visit(tom, `${own}/cannot`, '27-cannot');
  await tom.press('Ask for someone to take over');
  await tom.look('screen-27-cover-wanted');
  await tom.press('I can make it after all');
  await visit(tom, '/me/help-needed', '26-help-needed');
  await tom.follow(tom.page.locator('.slots a').last());
  await tom.look('screen-26-take');
  const take = new URL(tom.page.url()).pathname;
  await visit(tom, `${take}/dates`, '26-dates');
  await wrong(tom, 'Yes, I’ll do these', '26-dates');
  await tom.goto(take);
  await tom.press('Yes, I’ll do this');
  seen.add('27');
  await tom.look('screen-27-taken');
  await tom.goto('/me/help-needed');
  await tom.follow(tom.page.locator('.slots a').last());
  const weekly = new URL(tom.page.url()).pathname;
  await tom.goto(`${weekly}/dates`);
  await tom.tick('Until I say that I stop');
  await tom.press('Yes, I’ll do these');
  assert.match(await tom.main(), /You do this every /);
  await tom.look('screen-26-each-time');
  await visit(tom, `${weekly}/every`, '26-every');
  await tom.type('The last day that you do it', '');
  await wrong(tom, 'Stop after that day', '26-every');
  await visit(tom, '/me/rota', '25-my-rota-each-time');
  await visit(tom, '/me/away', '05-away');
  await wrong(tom, 'Save', '05-away');
  await visit(tom, '/me/e-mails', '05-e-mails');
  await tom.press('Make an address');
  await tom.look('screen-05-e-mails-calendar');
  const feed = await tom.page.locator('.address').innerText();
  assert.match(await (await tom.fetch(feed)).text(), /^BEGIN:VCALENDAR/);
  await visit(tom, `/me${circle.replace('/c/', '/circles/')}/leave`, '05-leave');
  await visit(tom, `${circle}/private`, '07-not-here-tom', { status: 404 });
  await tom.close();
});

part('Ruth, who asks Tom for another time', async () => {
  const tom = await comeIn(browser, kith.url, 'Tom');
  await tom.goto('/me/rota');
  const own = await tom.page.locator('.ticket a').first().getAttribute('href');
  const ruth = await comeIn(browser, kith.url, 'Ruth');
  const ask = async (from, until) => {
    await ruth.goto(`${own}/change`);
    await ruth.type('From', from);
    await ruth.type('Until', until);
    await ruth.press('Save');
  };
  await ask('16:00', '17:00');
  await ruth.look('screen-14-touched');
  await ruth.press('Ask Tom');
  assert.match(await ruth.main(), /Asked Tom whether .* suits instead\. Tom is still coming on /);
  await ruth.look('screen-15-asked-instead');
  await visit(ruth, `${own}/change`, '14-asked-instead');
  await visit(tom, '/me/rota', '25-asked-instead');
  await visit(tom, own, '26-asked-instead');
  await tom.press(/^No, leave it as it is/);
  await tom.look('screen-26-answered-no');
  await visit(ruth, own, '15-declined');
  await visit(ruth, `${ruth.circle}/rota`, '13-declined');
  await ruth.goto(own);
  await ruth.press('Leave it as it is');
  await ask('15:00', '16:00');
  await ruth.press('Ask Tom');
  await tom.goto(own);
  await tom.press(/^Yes, that suits me/);
  assert.match(await tom.main(), /3pm to 4pm/);
  await tom.look('screen-26-moved');
  await ruth.close();
  await tom.close();
});

part('somebody with Tom’s mailbox only', async () => {
  const reader = await comeIn(browser, kith.url, 'Somebody with Tom’s mailbox only');
  await visit(reader, '/me/rota', '25-mailbox-only');
  await visit(reader, '/me/details', '05-details-mailbox-only');
  await reader.goto('/me/rota');
  await reader.follow(reader.page.locator('.ticket a').first());
  await reader.look('screen-26-mailbox-only');
  const words = await reader.page.content();
  for (const name of ['Margaret', 'Ruth', 'Joan', 'Quarry Lane', 'Biscuit']) {
    assert.ok(!words.includes(name), `${name} is on the page of somebody with the mailbox only`);
  }
  await reader.close();
});

part('Amira, who coordinates', async () => {
  const amira = await comeIn(browser, kith.url, 'Amira', { width: 1280 });
  await visit(amira, '/h', '28-today');
  await visit(amira, '/h/circles', '29-circles');
  await amira.tap(/^Open/);
  seen.add('29');
  await amira.look('screen-29-oversight');
  await visit(amira, '/h/concerns', '28-worries');
  await amira.follow(amira.page.locator('main .slots a').first());
  await giveNumber(amira, number);
  assert.match(await amira.main(), /The bruise on her arm is new\./);
  await amira.look('screen-28-worry');
  await visit(amira, '/h/start', '29-start');
  await wrong(amira, 'Make the card', '29-start');
  await amira.tick('The patient');
  await amira.type('Their first name', 'Ifor');
  await amira.type('Their phone', '01632 960 555');
  await amira.press('Make the card');
  await amira.look('screen-29-card', { sheet: true });
  const card = await amira.page.locator('.address').innerText();
  const words = await amira.page.locator('.said').innerText();
  await amira.close();

  const ifor = await browser.person('Ifor', kith.url);
  await ifor.open(card);
  await ifor.look('screen-card-words');
  await wrong(ifor, 'Continue', 'card-words');
  await ifor.type('The two words', words);
  await ifor.type('Choose your own number', '90417');
  await ifor.type('The same number again', '90417');
  await ifor.press('Continue');
  const { circle } = { circle: /^\/c\/[^/]+/.exec(ifor.path())[0] };
  seen.add('08').add('09').add('11');
  await ifor.look('screen-08-set-up-person');
  await wrong(ifor, 'Continue', '08-set-up-person');
  await ifor.type('The first name you like', 'Ifor');
  await ifor.press('Continue');
  await ifor.look('screen-09-set-up-you');
  await ifor.type('Your first name', '');
  await wrong(ifor, 'Continue', '09-set-up-you');
  await ifor.type('Your first name', 'Ifor');
  await ifor.type('Your e-mail address', 'ifor@example.com');
  await ifor.press('Continue');
  await ifor.look('screen-10-set-up-friend');
  await ifor.tap('Skip for now');
  await ifor.look('screen-11-first-week');
  await ifor.tick('Shopping');
  await wrong(ifor, 'Ask my circle', '11-first-week');
  await ifor.press('Nothing this week');
  assert.equal(ifor.path(), `${circle}/`);
  await ifor.look('screen-12-home-empty');
  await visit(ifor, `${circle}/rota`, '13-rota-empty');
  await visit(ifor, `${circle}/people`, '16-people-empty');
  await visit(ifor, `${circle}/news`, '22-news-empty');
  await ifor.goto(`${circle}/private`);
  await giveNumber(ifor, '90417');
  await ifor.look('screen-20-private-empty');
  await ifor.goto(`${circle}/looks`);
  await ifor.look('screen-21-looks-empty');
  await ifor.close();
});

part('Ruth, who speaks for Wilf, whom no e-mail reaches', async () => {
  const ruth = await comeIn(browser, kith.url, 'Ruth');
  const at = (path) => `${ruth.circle}${path}`;
  await ruth.goto(at('/people/name'));
  await giveNumber(ruth, number);
  await ruth.type('Their name', 'Wilf');
  await ruth.tick('Just the rota');
  await ruth.press('Send the invitation');
  await ruth.goto(at('/people'));
  await ruth.tap('Open Wilf’s page');
  await giveNumber(ruth, number);
  const wilf = ruth.path();
  await ruth.tap('Wilf said yes to me');
  await ruth.look('screen-17-yes-for');
  await ruth.press('Wilf said yes to me');
  await visit(ruth, at('/rota'), '13-rota-wilf');
  await ruth.follow(ruth.page.locator('.t--gap a').first());
  const slot = ruth.path();
  await ruth.page.locator('#member').selectOption({ label: 'Wilf' });
  await ruth.press('Take it for them');
  await ruth.goto(slot);
  await ruth.tap('Wilf rang? Say it for Wilf');
  await ruth.look('screen-15-say-for');
  assert.match(await ruth.main(), /What did Wilf say\?/);
  await visit(ruth, `${wilf}/away`, '17-away-for');
  await wrong(ruth, 'Save', '17-away-for');
  await visit(ruth, wilf, '17-person-spoken-for');
  await ruth.close();
});

part('as time passes', async () => {
  const tom = await comeIn(browser, kith.url, 'Tom');
  await tom.goto('/me/rota');
  const own = await tom.page.locator('.ticket a').first().getAttribute('href');
  assert.match(await (await tom.fetch(`${own}/calendar`)).text(), /SUMMARY:[A-Z][a-z ]+\r\n/);
  await letPass(tom, 'To tomorrow at 8am');
  await tom.goto(own);
  await tom.press('Show the address');
  assert.match(await tom.main(), /Quarry Lane/);
  await tom.look('screen-26-address-shown');

  await tom.goto('/demo/mailbox?to=tom');
  await tom.look('screen-demo-mailbox-of-one');
  await tom.follow(tom.page.locator('.mails a').first());
  await tom.look('screen-demo-mail');
  const mail = await tom.main();
  const link = /\/s\/\S+/.exec(mail)[0];
  const fewer = /\/e-mails\/\S+/.exec(mail)[0];
  await tom.tap(/as a mail program shows it/);
  await tom.picture('screen-demo-mail-html');

  const reader = await browser.person('a reader of the mail', kith.url);
  await visit(reader, link, '26-by-link');
  await visit(reader, `${link}/cannot`, '27-cannot-by-link');
  // What mail programs offer beside a mail leads to a button, too.
  const stop = await stopLink();
  await visit(reader, stop, 'stop-mails');
  await visit(reader, fewer, '05-e-mails-by-link');
  await reader.close();

  await visit(tom, `${tom.circle ?? (await circleOf(tom))}/who-to-call`, '15-who-to-call');
  await tom.tap('Print it as a card');
  await tom.look('screen-15-who-to-call-card', { sheet: true });
  await letPass(tom, 'On by a day');
  await tom.goto(own);
  await tom.look('screen-26-afterwards');
  await tom.press('I have done this');
  await tom.look('screen-27-went');

  // Signed out, the device is still Tom's: it asks for his number and not for a mail.
  await tom.press('Sign out');
  await tom.tap('Sign in');
  assert.match(tom.path(), /^\/sign-in\/here/);
  await tom.look('screen-02-here');
  await wrong(tom, 'Open', '02-here');
  await tom.type('Your own number', number);
  await tom.press('Open');
  assert.equal(await tom.heading(), 'Hello, Tom');
  await tom.close();
  for (const path of ['/robots.txt', '/health/live', '/health/ready']) {
    const anybody = await browser.person('anybody', kith.url);
    assert.equal((await anybody.fetch(path)).status(), 200, path);
    await anybody.close();
  }
});

/** The link of the newest mail's List-Unsubscribe header (RFC 8058), from the file it is kept in. */
async function stopLink() {
  const mails = path.join(kith.folder, 'mails');
  const texts = await Promise.all(
    (await readdir(mails, { recursive: true })).map((name) => readFile(path.join(mails, name), 'utf8').catch(() => '')),
  );
  for (const text of texts) {
    const found = /^List-Unsubscribe:\s*<([^>]+)>/im.exec(text.replace(/\r?\n[ \t]+/g, ' '));
    if (found) return new URL(found[1]).pathname;
  }
  throw new Error('no mail says how to stop');
}

/** The circle of a friend, from the list on the own rota. */
async function circleOf(person) {
  if (person.circle) return person.circle;
  await person.goto('/me/rota');
  const href = await person.page.locator('main a[href^="/c/"][href$="/"]').first().getAttribute('href');
  return href.replace(/\/$/, '');
}

/** Every screen of the first release; those with an error state have it looked at too. */
const BUILT = [
  ...Array.from({ length: 22 }, (_, index) => String(index + 1).padStart(2, '0')),
  '25', '26', '27', '28', '29', 'words', 'enrol', 'own', 'devices', 'tablet', 'card', 'link', 'several', 'join', 'asking',
  '02!', '03!', '05!', '08!', '09!', '10!', '11!', '14!', '18!', '20!', '22!', '29!', 'own!', 'enrol!', 'card!', 'join!', 'asking!', 'several!',
];

/** Where the keyboard leads, step by step, and whether one sees it. */
async function tabs(person, most = 80) {
  const stops = [];
  await person.page.evaluate(() => document.activeElement?.blur?.());
  for (let step = 0; step < most; step += 1) {
    await person.page.keyboard.press('Tab');
    const stop = await person.page.evaluate(() => {
      const one = document.activeElement;
      if (!one || one === document.body) return undefined;
      const box = (one.labels?.[0] ?? one).getBoundingClientRect();
      const looks = (it, pseudo) => {
        const style = getComputedStyle(it, pseudo);
        return `${style.outlineStyle} ${style.outlineWidth} ${style.outlineColor} ${style.boxShadow} ${style.backgroundColor} ${style.borderColor}`;
      };
      const around = [one, one.closest('.govuk-radios__item, .govuk-checkboxes__item, summary')].filter(Boolean);
      const focused = [...around.map((it) => looks(it)), one.labels?.[0] ? looks(one.labels[0], '::before') : ''].join('|');
      one.blur();
      const plain = [...around.map((it) => looks(it)), one.labels?.[0] ? looks(one.labels[0], '::before') : ''].join('|');
      one.focus({ preventScroll: true });
      return {
        what: one.outerHTML.slice(0, 120),
        shown: focused !== plain,
        inside: box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight,
      };
    });
    if (!stop) break;
    stops.push(stop);
  }
  return stops;
}

test('in the dark only colours change', async () => {
  const page = await (await fetch(`${kith.url}/`)).text();
  const style = await (await fetch(kith.url + /href="([^"]+\.css)"/.exec(page)[1])).text();
  const dark = style.split(/@media[^{]*prefers-color-scheme: ?dark[^{]*\{/).slice(1);
  assert.equal(dark.length, 1);
  // Nothing but values of tokens.
  const tokens = /^:root\{color-scheme:dark;(--[\w-]+:[^;{}]+;?)+\}\}/;
  assert.ok(tokens.test(dark[0]), `more than tokens: ${dark[0].slice(0, 2000)}`);
});

// Before time passes: on its first day the demonstration has a gap in the week that is shown.
test('the keyboard leads everywhere, and one sees where it is', async () => {
  const ruth = await comeIn(browser, kith.url, 'Ruth', { width: 1280 });
  await ruth.goto(`${ruth.circle}/`);
  const home = await tabs(ruth);
  await ruth.goto(`${ruth.circle}/rota`);
  await ruth.follow(ruth.page.locator('.t--gap a').first());
  const take = await tabs(ruth);
  for (const [page, stops] of Object.entries({ home, take })) {
    assert.match(stops[0].what, /skip-link/, `${page}: the way past the header comes first`);
    assert.ok(stops.length > 8 && stops.length < 80, `${page}: ${stops.length} stops, none trapped`);
    assert.deepEqual(stops.filter((stop) => !stop.shown || !stop.inside), [], page);
  }
  assert.ok(take.some((stop) => /Yes, I’ll do this|type="submit"/.test(stop.what)));
  await ruth.close();
});

test('every screen', async (t) => {
  for (const [name, tell] of parts) {
    await t.test(name, () => told(tell));
  }
  await t.test('no screen was left out', () => {
    seen.add('card');
    assert.deepEqual(BUILT.filter((screen) => !seen.has(screen)), []);
  });
  await t.test('no route was left out', async () => {
    const source = new URL('../../crates/web/src/http/routes.rs', import.meta.url);
    const routes = [...(await readFile(source, 'utf8')).matchAll(/^    GET "([^"]+)"/gm)].map((one) => one[1]);
    assert.ok(routes.length > 50, 'the table of routes was read');
    const been = [...visited];
    const missing = routes
      .filter((route) => !route.startsWith('/assets'))
      .filter((route) => {
        const shape = new RegExp(`^${route.replace(/\{[^}]+\}/g, '[^/]+')}$`);
        return !been.some((one) => shape.test(one));
      });
    assert.deepEqual(missing, []);
  });
  await t.test('the server did not complain', () => {
    assert.doesNotMatch(kith.service.said, /ERROR|panicked/);
  });
  t.diagnostic(`${counted.pages} pages examined, axe run ${counted.axe} times`);
});
