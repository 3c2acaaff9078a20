import type { Notice } from "../../domain/notifications/notice.ts";
import type { RichParameter, RichText } from "./rich-text.ts";

export interface DescribedNotice {
  /** The name of Nextcloud's app that tells such things: clients have pictures for it. */
  readonly app: string;
  readonly objectType: string;
  readonly objectId: string;
  readonly link: string;
  readonly subject: RichText;
  readonly message: RichText;
}

interface Links {
  file(fileId: number): string;
  readonly security: string;
}

const nothing: RichText = { template: "", parameters: {} };

/** A notice in the words of the client API. */
export function describeNotice(notice: Notice, language: "fr" | "en", links: Links): DescribedNotice {
  const say = (fr: string, en: string, parameters: RichText["parameters"] = {}): RichText => ({
    template: language === "fr" ? fr : en,
    parameters,
  });
  const file = (id: number, name: string): RichParameter => ({
    type: "file",
    id: String(id),
    name,
    path: name,
    link: links.file(id),
  });
  const ofFile = (id: number) => ({ objectType: "files", objectId: String(id), link: links.file(id) });
  const ofDevice = { app: "files", objectType: "device", objectId: "0", link: links.security };

  switch (notice.topic) {
    case "share_received": {
      const { fileId, name, byUid, byName } = notice.data;
      return {
        app: "files_sharing",
        ...ofFile(fileId),
        subject: say("{user} a partagé {file} avec vous", "{user} shared {file} with you", {
          user: { type: "user", id: byUid, name: byName },
          file: file(fileId, name),
        }),
        message: nothing,
      };
    }
    case "device_paused": {
      const { changed, total, person } = notice.data;
      const device = person === undefined ? notice.data.device : `${notice.data.device} (${person})`;
      const parameters = { device: { type: "highlight", id: "device", name: device } as const };
      return {
        ...ofDevice,
        subject: say(
          "L’appareil {device} est mis en pause : il a changé beaucoup de fichiers d’un coup",
          "The device {device} is paused: it changed many files at once",
          parameters,
        ),
        message: say(
          `${changed} fichiers sur ${total}. Vous pouvez l’autoriser, ou remettre les fichiers comme ils étaient.`,
          `${changed} of ${total} files. You can allow it, or put the files back as they were.`,
        ),
      };
    }
    case "link_ending": {
      const { fileId, name, expiresAt } = notice.data;
      const when = new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", {
        dateStyle: "long",
        timeStyle: "short",
        timeZone: "Europe/Paris",
      }).format(new Date(expiresAt));
      return {
        app: "files_sharing",
        ...ofFile(fileId),
        subject: say("Un lien vers {file} se termine bientôt", "A link to {file} ends soon", {
          file: file(fileId, name),
        }),
        message: say(`Il s’ouvre jusqu’au ${when}.`, `It opens until ${when}.`),
      };
    }
    case "device_wiped":
      return {
        ...ofDevice,
        subject: say("L’appareil {device} a été effacé", "The device {device} was wiped", {
          device: { type: "highlight", id: "device", name: notice.data.device },
        }),
        message: nothing,
      };
    case "file_received": {
      const { fileId, name, folder, sender } = notice.data;
      return {
        app: "files_sharing",
        ...ofFile(fileId),
        subject: say("{sender} a déposé {file}", "{sender} sent {file}", {
          sender: { type: "highlight", id: "sender", name: sender },
          file: file(fileId, name),
        }),
        message: say(`Dans « ${folder} ».`, `In “${folder}”.`),
      };
    }
    case "comment": {
      const { fileId, name, byUid, byName, text } = notice.data;
      return {
        app: "comments",
        ...ofFile(fileId),
        subject: say("{user} a commenté {file}", "{user} commented on {file}", {
          user: { type: "user", id: byUid, name: byName },
          file: file(fileId, name),
        }),
        // A text of somebody's: braces in it name nothing.
        message: {
          template: "{text}",
          parameters: { text: { type: "highlight", id: "text", name: text.slice(0, 200) } },
        },
      };
    }
  }
}
