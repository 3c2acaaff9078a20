import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { appendMessages } from "../../src/domain/mail/append-messages.ts";
import { listMailboxes } from "../../src/domain/mail/list-mailboxes.ts";
import { stageBytes } from "../../src/domain/mail/stage-message.ts";
import { sampleMessage } from "../harness/imap-suite.ts";
import { startSuite, type TestSuite } from "../harness/start-suite.ts";
import { startThunderbird, type Thunderbird } from "../harness/thunderbird.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";

let suite: TestSuite;
let nadia: TownPerson;
let thierry: TownPerson;
let thunderbird: Thunderbird;

before(async () => {
  suite = await startSuite();
  const town = await createTownHall(suite.domain, "Bourg-Fleuri", "bourg-fleuri.example");
  nadia = await town.addPerson("Nadia Benali");
  thierry = await town.addPerson("Thierry Hamel");
  const inbox = await mailboxOf("inbox");
  const messages = [];
  for (const subject of ["Arrêté de voirie", "Conseil municipal", "Cantine"]) {
    const staged = await stageBytes(
      suite.domain.mail,
      Buffer.from(sampleMessage(subject, "Bonjour,\r\n\r\nà lundi.\r\n")),
    );
    messages.push({ ...staged, mailboxId: inbox.id, flags: [], receivedAt: new Date() });
  }
  await appendMessages(suite.domain.mail, nadia.access, messages);
  thunderbird = await startThunderbird();
});
after(async () => {
  await thunderbird?.close();
  await suite.close();
});

async function mailboxOf(role: string, person: TownPerson = nadia) {
  const found = (await listMailboxes(suite.domain.store.read, person.access)).find((each) => each.role === role);
  assert.ok(found, role);
  return found;
}

/** Subject and flags of what a mailbox holds. */
async function readMailbox(role: string, person: TownPerson = nadia): Promise<Record<string, string[]>> {
  const rows = await suite.domain.store.read
    .selectFrom("mailbox_message as c")
    .innerJoin("message as m", (join) =>
      join.onRef("m.organization_id", "=", "c.organization_id").onRef("m.id", "=", "c.message_id"),
    )
    .select(["m.subject", "c.flags"])
    .where("c.mailbox_id", "=", (await mailboxOf(role, person)).id)
    .execute();
  return Object.fromEntries(rows.map((row) => [row.subject, [...row.flags].sort()]));
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 90_000;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("an account is set up over TLS, and its folders are found with their roles", async () => {
  const found = await thunderbird.run(
    `
    const [host, imapPort, smtpPort, user, secret] = args;
    Cc["@mozilla.org/security/certoverride;1"].getService(Ci.nsICertOverrideService)
      .setDisableAllSecurityChecksAndLetAttackersInterceptMyData(true);
    for (const origin of ["imap://" + host, "smtp://" + host]) {
      const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
      login.init(origin, null, origin, user, secret, "", "");
      await Services.logins.addLoginAsync(login);
    }
    const server = MailServices.accounts.createIncomingServer(user, host, "imap");
    server.port = imapPort;
    server.socketType = Ci.nsMsgSocketType.SSL;
    server.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
    const outgoing = MailServices.outgoingServer.createServer("smtp");
    const smtp = outgoing.QueryInterface(Ci.nsISmtpServer);
    smtp.hostname = host;
    smtp.port = smtpPort;
    outgoing.username = user;
    outgoing.socketType = Ci.nsMsgSocketType.SSL;
    outgoing.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
    const identity = MailServices.accounts.createIdentity();
    identity.email = user;
    identity.fullName = "Nadia Benali";
    identity.smtpServerKey = outgoing.key;
    const account = MailServices.accounts.createAccount();
    account.incomingServer = server;
    account.addIdentity(identity);
    MailServices.accounts.defaultAccount = account;
    server.performExpand(null);
    const flags = Ci.nsMsgFolderFlags;
    const roles = { Inbox: flags.Inbox, Drafts: flags.Drafts, Sent: flags.SentMail, Trash: flags.Trash, Junk: flags.Junk, Archive: flags.Archive };
    // Folders are asked for once the inbox is opened.
    (await until("the inbox", () => server.rootFolder.getFolderWithFlags(flags.Inbox))).updateFolder(null);
    await until("the folders", () => Object.values(roles).every((flag) => server.rootFolder.getFolderWithFlags(flag)));
    return Object.keys(roles).filter((name) => server.rootFolder.getFolderWithFlags(roles[name])).sort();`,
    "127.0.0.1",
    suite.port("imaps"),
    suite.port("submissions"),
    nadia.address,
    nadia.appPassword,
  );
  assert.deepEqual(found, ["Archive", "Drafts", "Inbox", "Junk", "Sent", "Trash"]);
});

const inbox = `
  const server = MailServices.accounts.defaultAccount.incomingServer;
  const folder = (flag) => server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags[flag]);
  const inbox = folder("Inbox");
  const messageOf = (subject) => [...inbox.messages].find((each) => each.mime2DecodedSubject === subject);
`;

test("the mail is read, with its accents", async () => {
  const read = (await thunderbird.run(`${inbox}
    inbox.updateFolder(null);
    await until("the messages", () => inbox.getTotalMessages(false) === 3 && messageOf("Cantine"));
    const uri = inbox.getUriForMsg(messageOf("Arrêté de voirie"));
    const body = await new Promise((resolve, reject) => {
      let text = "";
      const listener = {
        QueryInterface: ChromeUtils.generateQI(["nsIStreamListener"]),
        onStartRequest() {},
        onDataAvailable(request, stream, offset, count) {
          const reader = Cc["@mozilla.org/scriptableinputstream;1"].createInstance(Ci.nsIScriptableInputStream);
          reader.init(stream);
          text += reader.readBytes(count);
        },
        onStopRequest(request, status) { if (Components.isSuccessCode(status)) resolve(text); else reject(new Error("status " + status)); },
      };
      MailServices.messageServiceFromURI(uri).streamMessage(uri, listener, null, null, false, "", false);
    });
    return { subjects: [...inbox.messages].map((each) => each.mime2DecodedSubject).sort(), body };`)) as {
    subjects: string[];
    body: string;
  };
  assert.deepEqual(read.subjects, ["Arrêté de voirie", "Cantine", "Conseil municipal"]);
  assert.match(Buffer.from(read.body, "latin1").toString("utf8"), /Bonjour,\r\n\r\nà lundi\./);
});

test("what is flagged, moved and deleted there is so on the server", async () => {
  await thunderbird.run(`${inbox}
    inbox.markMessagesFlagged([messageOf("Conseil municipal")], true);
    inbox.markMessagesRead([messageOf("Conseil municipal")], true);
    MailServices.copy.copyMessages(inbox, [messageOf("Cantine")], folder("Archive"), true, null, null, false);
    await until("the move", () => !messageOf("Cantine"));
    inbox.deleteMessages([messageOf("Arrêté de voirie")], null, false, true, null, false);
    await until("the deletion", () => !messageOf("Arrêté de voirie"));`);
  await until("the server to know", async () => {
    const [left, archived, trashed] = [
      await readMailbox("inbox"),
      await readMailbox("archive"),
      await readMailbox("trash"),
    ];
    const flags = left["Conseil municipal"] ?? [];
    return (
      flags.includes("\\Flagged") && flags.includes("\\Seen") && "Cantine" in archived && "Arrêté de voirie" in trashed
    );
  });
});

test("a mail that comes is shown without being asked for, by IDLE", async () => {
  const [staged] = await Promise.all([stageBytes(suite.domain.mail, Buffer.from(sampleMessage("Urgent")))]);
  await appendMessages(suite.domain.mail, nadia.access, [
    { ...staged, mailboxId: (await mailboxOf("inbox")).id, flags: [], receivedAt: new Date() },
  ]);
  await thunderbird.run(`${inbox} await until("the new mail", () => messageOf("Urgent"));`);
});

test("a mail is sent by submission, arrives, and its copy is in Sent once", async () => {
  await thunderbird.run(
    `${inbox}
    const [to] = args;
    const identity = MailServices.accounts.defaultAccount.defaultIdentity;
    const file = Services.dirsvc.get("TmpD", Ci.nsIFile);
    file.append("bouquet-message.eml");
    file.createUnique(Ci.nsIFile.NORMAL_FILE_TYPE, 0o600);
    const { IOUtils } = globalThis;
    const text = ["From: Nadia Benali <" + identity.email + ">", "To: " + to, "Subject: Ordre du jour", "Message-ID: <" + Date.now() + "@bourg-fleuri.example>", "Date: Mon, 23 Nov 2026 09:00:00 +0100", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "", "Voici l'ordre du jour.", ""].join("\\r\\n");
    await IOUtils.writeUTF8(file.path, text);
    const fields = Cc["@mozilla.org/messengercompose/composefields;1"].createInstance(Ci.nsIMsgCompFields);
    fields.from = identity.email;
    fields.to = to;
    fields.subject = "Ordre du jour";
    await new Promise((resolve, reject) => {
      const sender = Cc["@mozilla.org/messengercompose/send;1"].createInstance(Ci.nsIMsgSend);
      const listener = {
        QueryInterface: ChromeUtils.generateQI(["nsIMsgSendListener", "nsIMsgCopyServiceListener"]),
        onStartSending() {}, onSendProgress() {}, onProgress() {}, onStatus() {}, onGetDraftFolderURI() {}, onTransportSecurityError() {},
        onSendNotPerformed() { reject(new Error("not sent")); },
        onStopSending(id, status) { if (!Components.isSuccessCode(status)) reject(new Error("sending: " + status)); },
        onStartCopy() {}, setMessageKey() {}, getMessageId() { return null; },
        onStopCopy(status) { if (Components.isSuccessCode(status)) resolve(); else reject(new Error("copy: " + status)); },
      };
      sender.sendMessageFile(identity, MailServices.accounts.defaultAccount.key, fields, file, true, false, Ci.nsIMsgSend.nsMsgDeliverNow, null, listener, null, "");
    });`,
    thierry.address,
  );
  await until("the mail at Thierry's", async () => "Ordre du jour" in (await readMailbox("inbox", thierry)));
  await until("the copy in Sent", async () => "Ordre du jour" in (await readMailbox("sent")));
  assert.equal((await mailboxOf("sent")).total, 1);
});
