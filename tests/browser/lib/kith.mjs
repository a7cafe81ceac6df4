// The program under test, as its users start it: `kith demo`, or a real `kith serve`.
import path from 'node:path';
import { Door, KITH, Service, answers, folder, run } from './process.mjs';

const START = 90;

/** The day on which the demonstration begins, always the same: what a week shows goes by the weekday.
    Another may be named to see that it goes by nothing else. */
const STARTS = process.env.KITH_STARTS ?? '2026-11-24';

/** The day so many days after the one on which the demonstration began. */
export function demoDay(later) {
  return new Date(Date.parse(STARTS) + later * 86_400_000).toISOString().slice(0, 10);
}

/** `kith demo` on a free port with a folder of its own. */
export async function demo() {
  const data = await folder('demo');
  const words = ['demo', '--data', data.at, '--listen', '127.0.0.1:0', '--starts', STARTS];
  const service = new Service(KITH, words);
  let url;
  await service.ready(START, async () => {
    url = /https?:\/\/[^\s/]+/.exec(service.said)?.[0];
    return url && (await answers(`${url}/`));
  });
  const stop = async () => {
    await service.stop();
    await data.remove();
  };
  return { url, stop, service, folder: data.at };
}

/** A zone in which it is morning now, so that no mail has to wait for the end of the night. */
export function morningZone(now = new Date()) {
  const hour = (zone) =>
    Number(new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone: zone }).format(now));
  const zones = [
    'Europe/London', 'Europe/Warsaw', 'Asia/Dubai', 'Asia/Karachi', 'Asia/Dhaka', 'Asia/Bangkok',
    'Asia/Singapore', 'Asia/Tokyo', 'Australia/Brisbane', 'Pacific/Guadalcanal', 'Pacific/Auckland',
    'Pacific/Honolulu', 'America/Anchorage', 'America/Los_Angeles', 'America/Denver',
    'America/Chicago', 'America/New_York', 'America/Halifax', 'America/Sao_Paulo',
    'Atlantic/South_Georgia', 'Atlantic/Azores',
  ];
  const found = zones.find((zone) => hour(zone) >= 9 && hour(zone) < 12);
  if (!found) throw new Error('it is morning nowhere');
  return found;
}

/** A hospice of its own: `keys new`, `migrate`, `organisation add`, then `serve`. */
export async function hospice(mail) {
  const data = await folder('serve');
  const door = await Door.open();
  const url = `http://127.0.0.1:${door.port}`;
  const env = {
    KITH_SERVER__LISTEN: '127.0.0.1:0',
    KITH_SERVER__BASE_URL: url,
    KITH_DATABASE__URL: `sqlite:${path.join(data.at, 'data', 'kith.db')}`,
    KITH_KEYS__FILE: path.join(data.at, 'keys', 'kith.key'),
    KITH_MAIL__RELAY: '127.0.0.1',
    KITH_MAIL__PORT: String(mail.port),
    KITH_REMINDERS__TICK_SECONDS: '1',
  };
  const options = { env, cwd: data.at };
  const say = (...words) => run(KITH, words, options);
  await say('keys', 'new');
  await say('migrate');
  const zone = morningZone();
  await say('organisation', 'add', '--name', 'Fernhill Hospice', '--phone', '01632 960 123', '--zone', zone);
  const added = await say('coordinator', 'add', '--name', 'Amira', '--email', 'amira@fernhill.example');
  const words = /two words: (.+)$/m.exec(added)?.[1].trim();
  if (!words) throw new Error(`no device code in:\n${added}`);
  const service = new Service(KITH, ['serve'], options);
  await service.ready(START, () => {
    const port = / serving address=127\.0\.0\.1:(\d+)/.exec(service.said)?.[1];
    if (port) door.leadsTo({ port: Number(port), host: '127.0.0.1' });
    return port && answers(`${url}/`);
  });
  const stop = async () => {
    await door.shut();
    await service.stop();
    await data.remove();
  };
  return { url, words, zone, stop, service, folder: data.at, say };
}
