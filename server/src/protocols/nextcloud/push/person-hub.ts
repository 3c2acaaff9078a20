import { type DriveChange, watchDrive } from "../../../domain/drive/watch-drive.ts";
import type { Viewer } from "../../../domain/identity/viewer.ts";
import type { NextcloudDeps } from "../nextcloud-deps.ts";

/** One program that listens. */
export interface Listener {
  onFiles(change: DriveChange): void;
  onNotification(): void;
}

interface Watched {
  readonly listeners: Set<Listener>;
  readonly started: Promise<() => void>;
}

/** Watches each person once, however many of their programs listen. */
export interface PersonHub {
  /** Resolves once changes are told. @returns stops listening @throws DomainError */
  listen(viewer: Viewer, listener: Listener): Promise<() => void>;
}

export function createPersonHub(deps: NextcloudDeps): PersonHub {
  const watched = new Map<string, Watched>();

  function start(viewer: Viewer): Watched {
    const listeners = new Set<Listener>();
    const onError = (error: unknown) => deps.log.warn({ error }, "changes could not be read for a push connection");
    const started = watchDrive(
      deps,
      viewer,
      (change) => {
        for (const listener of listeners) listener.onFiles(change);
      },
      onError,
    ).then((stopDrive) => {
      const stopNotices = deps.store.hints.subscribe("notified", viewer.principalId, () => {
        for (const listener of listeners) listener.onNotification();
      });
      return () => {
        stopDrive();
        stopNotices();
      };
    });
    return { listeners, started };
  }

  return {
    async listen(viewer, listener) {
      const { principalId } = viewer;
      const person = watched.get(principalId) ?? start(viewer);
      watched.set(principalId, person);
      person.listeners.add(listener);
      const leave = (): void => {
        if (!person.listeners.delete(listener) || person.listeners.size > 0) return;
        if (watched.get(principalId) === person) watched.delete(principalId);
        person.started.then(
          (stop) => stop(),
          () => undefined,
        );
      };
      try {
        await person.started;
      } catch (error) {
        leave();
        throw error;
      }
      return leave;
    },
  };
}
