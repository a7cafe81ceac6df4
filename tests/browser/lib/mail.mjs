// A real SMTP server, Postfix's smtp-sink, that writes each message to a file, and a reader of it.
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { Door, Service, folder, until } from './process.mjs';

/** Mails are handed over within a few ticks of the scheduler. */
const PATIENCE = 40;

async function listens(there) {
  return new Promise((resolve) => {
    const socket = connect(there);
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}

/** The server, and what arrived in it. */
export class MailServer {
  static async start() {
    const server = new MailServer();
    server.folder = await folder('mail');
    // smtp-sink gives up the rights of root, and its new self must be able to write.
    const inbox = path.join(server.folder.at, 'in');
    await mkdir(inbox);
    await chmod(server.folder.at, 0o755);
    await chmod(inbox, 0o777);
    const asNobody = process.getuid() === 0 ? ['-u', 'nobody'] : [];
    // A socket of its own can be nobody else's, as a port might be.
    const there = { path: path.join(server.folder.at, 'socket') };
    const words = [...asNobody, '-d', `${inbox}/%M.`, `unix:${there.path}`, '64'];
    server.inbox = inbox;
    server.read = new Set();
    server.service = new Service('smtp-sink', words, {
      env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    });
    await server.service.ready(20, () => listens(there));
    server.door = await Door.open();
    server.door.leadsTo(there);
    server.port = server.door.port;
    return server;
  }

  async stop() {
    await this.door.shut();
    await this.service.stop();
    await this.folder.remove();
  }

  /** Every mail that has arrived as a whole, oldest first. */
  async all() {
    const mails = [];
    for (const name of await readdir(this.inbox)) {
      const raw = await readFile(path.join(this.inbox, name), 'utf8').catch(() => '');
      const mail = parse(name, raw);
      if (mail) mails.push(mail);
    }
    return mails.sort((a, b) => a.date - b.date);
  }

  /** The next mail to an address that was not given out before and that fits. */
  async next(to, fits = () => true) {
    return until(`a mail to ${to}`, PATIENCE, async () => {
      const fresh = (await this.all()).filter((mail) => !this.read.has(mail.file));
      const mail = fresh.find((one) => one.to === to && fits(one));
      if (mail) this.read.add(mail.file);
      return mail;
    });
  }
}

/** A message in smtp-sink's file: its envelope as X- headers, then what was sent. */
function parse(file, raw) {
  const text = raw.replaceAll('\r\n', '\n');
  const boundary = /boundary="?([^";\n]+)"?/.exec(text)?.[1];
  if (!boundary || !text.includes(`--${boundary}--`)) return undefined;
  const [head] = text.split('\n\n', 1);
  const unfolded = head.replace(/\n[ \t]+/g, ' ');
  const header = (name) =>
    new RegExp(`^${name}: ?(.*)$`, 'im').exec(unfolded)?.[1].trim() ?? '';
  const part = (type) => {
    const found = text.split(`--${boundary}`).find((one) => one.includes(`Content-Type: ${type}`));
    return found ? decoded(found) : '';
  };
  const body = part('text/plain');
  return {
    file,
    raw: text,
    to: /<([^>]+)>/.exec(header('X-Rcpt-Args'))?.[1] ?? '',
    subject: header('Subject'),
    date: Date.parse(header('Date')),
    text: body,
    html: part('text/html'),
    link: /https?:\/\/\S+/.exec(body)?.[0],
    code: /\b(\d{3}) ?(\d{3})\b/.exec(body)?.slice(1).join(''),
  };
}

function decoded(part) {
  const at = part.indexOf('\n\n');
  const coding = /Content-Transfer-Encoding: ?(\S+)/i.exec(part.slice(0, at))?.[1] ?? '7bit';
  const body = part.slice(at + 2);
  if (/base64/i.test(coding)) return Buffer.from(body, 'base64').toString('utf8');
  if (!/quoted-printable/i.test(coding)) return body;
  const bytes = body
    .replace(/=\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
