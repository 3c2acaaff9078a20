import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../server/test/harness/free-port.ts";
import { until } from "./measure.ts";

const run = promisify(execFile);

/** A server of somebody else, in the foreground, with a configuration of its own. */
export interface Peer {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export const peerPassword = "peer-password";

/** Dovecot with Maildir as Debian ships it (mail_fsync = optimized); LMTP on `lmtp` in its folder. No full-text index. */
export async function startDovecot(
  directory: string,
): Promise<Peer & { readonly lmtp: string; readonly mail: string }> {
  const port = await freePort();
  const mail = join(directory, "mail");
  const lmtp = join(directory, "run", "bench-lmtp");
  await makeOwned(mail, "mail");
  await writeFile(
    join(directory, "dovecot.conf"),
    `protocols = imap lmtp
listen = 127.0.0.1
base_dir = ${directory}/run
state_dir = ${directory}/state
instance_name = bouquet-bench
log_path = ${directory}/dovecot.log
ssl = no
disable_plaintext_auth = no
auth_username_format = %Ln
mail_location = maildir:${mail}/%Ln
first_valid_uid = 1
mail_max_userip_connections = 50
passdb {
  driver = static
  args = password=${peerPassword}
}
userdb {
  driver = static
  args = uid=mail gid=mail home=${mail}/%Ln allow_all_users=yes
}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
service lmtp {
  unix_listener bench-lmtp {
    mode = 0666
  }
}
`,
  );
  const child = spawn("dovecot", ["-F", "-c", join(directory, "dovecot.conf")], { stdio: "ignore" });
  return { ...(await started("Dovecot", child, port)), lmtp, mail };
}

/** Postfix that takes mail for `domain` on a port and hands it to an LMTP socket. Nothing of its durability is changed. */
export async function startPostfix(directory: string, domain: string, lmtp: string): Promise<Peer> {
  const port = await freePort();
  const etc = join(directory, "postfix");
  const queue = join(directory, "queue");
  await mkdir(etc, { mode: 0o755 });
  await mkdir(queue, { mode: 0o755 });
  await makeOwned(join(directory, "postfix-data"), "postfix");
  await writeFile(
    join(etc, "main.cf"),
    `compatibility_level = 3.6
queue_directory = ${queue}
data_directory = ${directory}/postfix-data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = ${directory}/postfix.log
maillog_file_prefixes = ${directory}
myhostname = mx.${domain}
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
virtual_mailbox_domains = ${domain}
virtual_mailbox_maps = static:present
virtual_transport = lmtp:unix:${lmtp}
smtpd_relay_restrictions = reject_unauth_destination
`,
  );
  const service = (name: string, type: string, chroot: string, wakeup: string, command: string) =>
    `${name} ${type} - - ${chroot} ${wakeup} - ${command}\n`;
  await writeFile(
    join(etc, "master.cf"),
    [
      `127.0.0.1:${port} inet n - n - - smtpd\n`,
      "pickup unix n - n 60 1 pickup\n",
      "cleanup unix n - n - 0 cleanup\n",
      "qmgr unix n - n 300 1 qmgr\n",
      "rewrite unix - - n - - trivial-rewrite\n",
      ...["bounce", "defer", "trace"].map((name) => `${name} unix - - n - 0 bounce\n`),
      "proxymap unix - - n - - proxymap\n",
      ...["smtp", "lmtp", "error", "retry", "discard", "anvil", "scache"].map((name) =>
        service(name, "unix", "n", "-", name === "retry" ? "error" : name),
      ),
      "postlog unix-dgram n - n - 1 postlogd\n",
    ].join(""),
  );
  const child = spawn("postfix", ["-c", etc, "start-fg"], { stdio: "ignore" });
  const postfix = await started("Postfix", child, port);
  return {
    ...postfix,
    async stop() {
      // The script in between does not hand a signal on; it ends with the server that it started.
      const ended = once(child, "exit");
      process.kill(Number(await readFile(join(queue, "pid/master.pid"), "utf8")), "SIGTERM");
      await ended;
    },
  };
}

/**
 * Apache with mod_dav on a folder; it syncs nothing, as shipped.
 * @param options.user asked for, with `peerPassword`, kept as htpasswd does unless told otherwise; nobody is without
 */
export async function startApache(
  directory: string,
  options: { user?: string } = {},
): Promise<Peer & { readonly files: string }> {
  const port = await freePort();
  const files = join(directory, "files");
  await makeOwned(files, "www-data");
  await makeOwned(join(directory, "apache"), "www-data");
  const { user } = options;
  if (user !== undefined) await run("htpasswd", ["-bc", join(directory, "passwords"), user, peerPassword]);
  const signIn = user === undefined ? [] : ["authn_core", "authn_file", "auth_basic", "authz_user"];
  const modules = ["mpm_event", "authz_core", ...signIn, "dav", "dav_fs"].map(
    (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
  );
  await writeFile(
    join(directory, "apache.conf"),
    `${modules.join("\n")}
ServerName localhost
ServerRoot ${directory}/apache
DefaultRuntimeDir ${directory}/apache
PidFile ${directory}/apache/pid
ErrorLog ${directory}/apache/error.log
Listen 127.0.0.1:${port}
User www-data
Group www-data
KeepAlive On
MaxKeepAliveRequests 0
DocumentRoot ${files}
DavLockDB ${directory}/apache/locks
<Directory ${files}>
  ${user === undefined ? "Require all granted" : `AuthType Basic\n  AuthName files\n  AuthUserFile ${directory}/passwords\n  Require valid-user`}
  Dav On
</Directory>
`,
  );
  const child = spawn("apache2", ["-f", join(directory, "apache.conf"), "-DFOREGROUND"], { stdio: "ignore" });
  return { ...(await started("Apache", child, port)), files };
}

async function makeOwned(path: string, user: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o755);
  await run("chown", [`${user}:`, path]);
}

async function started(name: string, child: ChildProcess, port: number): Promise<Peer> {
  let failed: string | undefined;
  child.once("error", (error) => {
    failed = `${error.message} (is its Debian package installed?)`;
  });
  child.once("exit", (code) => {
    failed ??= `it ended with ${code}`;
  });
  await until(`${name} answers`, async () => {
    if (failed !== undefined) throw new Error(`${name} did not start: ${failed}`);
    return answers(port);
  });
  return {
    port,
    pid: child.pid!,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Whether something listens on the port of this machine. */
async function answers(port: number): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
