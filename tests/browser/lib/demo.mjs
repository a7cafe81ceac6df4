// The demonstration's people, who come in through its own door.

/** A person of the demonstration, already inside; `width` as for any browser. */
export async function comeIn(browser, base, who, options) {
  const person = await browser.person(who, base, options);
  await person.goto('/demo');
  const card = person.page.locator('.door-list li', {
    has: person.page.getByRole('heading', { name: who, exact: true }),
  });
  await person.press(/^Come in/, card);
  person.circle = /^\/c\/[^/?]+/.exec(person.path())?.[0];
  return person;
}

/** Lets the demonstration's time pass, by one of its buttons: however many mails fall into it. */
export async function letPass(person, step) {
  await person.goto('/demo');
  await person.follow(person.page.getByRole('button', { name: step, exact: true }), { limit: 0 });
}

/** Everybody's own number in the demonstration, as its first page says. */
export async function ownNumber(person) {
  await person.goto('/demo');
  const said = /own number[^.]*?(\d{4,8})/.exec(await person.main());
  if (!said) throw new Error('the first page of the demonstration says no number');
  return said[1];
}

/** Gives the number where it is asked for. */
export async function giveNumber(person, number) {
  if (!/\/number\b/.test(person.path())) return;
  await person.type('Your own number', number);
  await person.press('Open');
}
