import {
  activateScript,
  deleteScript,
  putScript,
  renameScript,
  requireSpace,
} from "../../../domain/mail/filters/change-scripts.ts";
import { checkScript } from "../../../domain/mail/filters/check-script.ts";
import { listScripts, readScript } from "../../../domain/mail/filters/read-scripts.ts";
import { writeString } from "../../../formats/managesieve-syntax/write-string.ts";
import { type Command, numberOf, requireArguments, textOf } from "../command.ts";
import { Refusal } from "../refusal.ts";

/** RFC 5804 section 2.5. */
export const havespace: Command = {
  state: "authenticated",
  async run(session, words) {
    requireArguments(words, 2);
    await requireSpace(session.deps.mail, await session.access(), textOf(words[0]), numberOf(words[1]));
    return { text: "There is room for it" };
  },
};

/** RFC 5804 section 2.6. */
export const putscript: Command = {
  state: "authenticated",
  async run(session, words) {
    requireArguments(words, 2);
    const [name, content] = [textOf(words[0]), textOf(words[1])];
    await putScript(session.deps.mail, await session.access(), { name, content });
    return { text: "The script is kept" };
  },
};

/** RFC 5804 section 2.7. */
export const listscripts: Command = {
  state: "authenticated",
  async run(session, words) {
    requireArguments(words, 0);
    const scripts = await listScripts(session.deps.mail.store.read, await session.access());
    const lines = scripts.map(({ name, isActive }) => `${writeString(name)}${isActive ? " ACTIVE" : ""}\r\n`);
    await session.channel.write(lines.join(""));
    return {};
  },
};

/** RFC 5804 section 2.8. An empty name makes none active. */
export const setactive: Command = {
  state: "authenticated",
  async run(session, words) {
    requireArguments(words, 1);
    const name = textOf(words[0]);
    await activateScript(session.deps.mail, await session.access(), name === "" ? undefined : { name });
    return { text: name === "" ? "No script is active" : "The script is active" };
  },
};

/** RFC 5804 section 2.9. */
export const getscript: Command = {
  state: "authenticated",
  async run(session, words) {
    requireArguments(words, 1);
    const { store } = session.deps.mail;
    const content = await readScript(store.read, await session.access(), { name: textOf(words[0]) });
    await session.channel.write(`{${Buffer.byteLength(content)}}\r\n${content}\r\n`);
    return {};
  },
};

/** RFC 5804 section 2.10. */
export const deletescript: Command = {
  state: "authenticated",
  async run(session, words) {
    requireArguments(words, 1);
    await deleteScript(session.deps.mail, await session.access(), { name: textOf(words[0]) });
    return { text: "The script is deleted" };
  },
};

/** RFC 5804 section 2.11. */
export const renamescript: Command = {
  state: "authenticated",
  async run(session, words) {
    requireArguments(words, 2);
    await renameScript(session.deps.mail, await session.access(), textOf(words[0]), textOf(words[1]));
    return { text: "The script has its new name" };
  },
};

/** RFC 5804 section 2.12. */
export const checkscript: Command = {
  state: "authenticated",
  async run(session, words) {
    requireArguments(words, 1);
    if (!session.isSignedIn) throw new Refusal("You have to sign in first");
    checkScript(textOf(words[0]));
    return { text: "The script is right" };
  },
};
