import type { Profile, ProfileChange } from "@bouquet/contract/identity.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useErrorText } from "../api/error-text.ts";
import { request } from "../api/http.ts";
import { sessionKey } from "../api/session.ts";
import { formatTime } from "../i18n/format.ts";
import { usePortalText } from "../i18n/portal.ts";
import { setLanguage, useLanguage } from "../i18n/text.ts";
import { useUiText } from "../i18n/ui.ts";
import { useTitle } from "../shell/title.ts";
import { Button } from "../ui/button.tsx";
import { Banner, Note, SkeletonRows } from "../ui/feedback.tsx";
import { TextField } from "../ui/field.tsx";
import { Avatar, Chip } from "../ui/marks.tsx";
import { ComboBox, Select } from "../ui/select.tsx";
import { SettingsFrame } from "./settings-frame.tsx";

const key = ["identity", "profile"];

/** Names, position, language and time zone; addresses are read only. */
export function ProfilePage() {
  const t = usePortalText();
  const ui = useUiText();
  const errorText = useErrorText();
  useTitle(t.profile);
  const {
    data: profile,
    error,
    isPending,
    refetch,
  } = useQuery({
    queryKey: key,
    queryFn: () => request<Profile>("/api/profile"),
  });
  return (
    <SettingsFrame>
      <section aria-labelledby="profile">
        <div>
          <h1 id="profile">{t.profile}</h1>
          <p className="lead">{t.profileText}</p>
        </div>
        {isPending && <SkeletonRows count={4} />}
        {error && !profile && (
          <Banner tone="danger" action={{ label: ui.retry, run: () => void refetch() }}>
            {errorText(error)}
          </Banner>
        )}
        {profile && <ProfileForm profile={profile} />}
      </section>
    </SettingsFrame>
  );
}

type Editable = Required<ProfileChange>;

function editable({ displayName, givenName, familyName, jobTitle, language, timeZone }: Profile): Editable {
  return { displayName, givenName, familyName, jobTitle, language, timeZone };
}

function ProfileForm({ profile }: { profile: Profile }) {
  const t = usePortalText();
  const language = useLanguage();
  const errorText = useErrorText();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Editable>(editable(profile));
  const [savedAt, setSavedAt] = useState<Date>();
  const set = (change: ProfileChange) => {
    setDraft({ ...draft, ...change });
    setSavedAt(undefined);
  };
  const before = editable(profile);
  const change = Object.fromEntries(
    Object.entries(draft).filter(([name, value]) => value !== before[name as keyof Editable]),
  ) as ProfileChange;
  const save = useMutation({
    mutationFn: (body: ProfileChange) => request<Profile>("/api/profile", { method: "PATCH", body }),
    onSuccess: (saved, body) => {
      queries.setQueryData(key, saved);
      setDraft(editable(saved));
      setSavedAt(new Date());
      if (body.language) setLanguage(body.language);
      void queries.invalidateQueries({ queryKey: sessionKey });
    },
  });
  const nameMissing = draft.displayName.trim() === "" ? t.nameMissing : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (nameMissing) return;
    if (Object.keys(change).length === 0) setSavedAt(new Date());
    else save.mutate(change);
  };
  return (
    <>
      <div className="row" style={{ gap: 16 }}>
        <Avatar name={draft.displayName} seed={profile.addresses[0] ?? profile.uid} size="lg" />
        <div className="grow">
          <p className="strong clip">{draft.displayName}</p>
          <p className="muted clip">{profile.organization.name}</p>
        </div>
      </div>
      <form onSubmit={submit} noValidate>
        <TextField
          label={t.displayName}
          hint={t.displayNameHint}
          value={draft.displayName}
          onChange={(displayName) => set({ displayName })}
          error={nameMissing}
          maxLength={120}
          autoComplete="name"
        />
        <div className="pair">
          <TextField
            label={t.givenName}
            value={draft.givenName}
            onChange={(givenName) => set({ givenName })}
            maxLength={80}
            autoComplete="given-name"
          />
          <TextField
            label={t.familyName}
            value={draft.familyName}
            onChange={(familyName) => set({ familyName })}
            maxLength={80}
            autoComplete="family-name"
          />
        </div>
        <TextField
          label={t.jobTitle}
          value={draft.jobTitle}
          onChange={(jobTitle) => set({ jobTitle })}
          maxLength={120}
          autoComplete="organization-title"
        />
        <div className="pair">
          <Select
            label={t.language}
            value={draft.language}
            onChange={(next) => set({ language: next })}
            choices={[
              { id: "fr", label: "Français" },
              { id: "en", label: "English" },
            ]}
          />
          <ComboBox
            label={t.timeZone}
            value={draft.timeZone}
            onChange={(timeZone) => set({ timeZone })}
            choices={timeZones(draft.timeZone)}
          />
        </div>
        {save.error && (
          <Note tone="danger" isLive>
            {errorText(save.error)}
          </Note>
        )}
        <div className="row">
          <Button type="submit" variant="primary" isPending={save.isPending}>
            {t.save}
          </Button>
          <span className="small muted" role="status">
            {savedAt && t.savedAt(formatTime(savedAt, { language }))}
          </span>
        </div>
      </form>
      <section aria-labelledby="addresses">
        <div>
          <h2 id="addresses">{t.addresses}</h2>
          <p className="lead">{t.addressesHint}</p>
        </div>
        <ul className="lines">
          {profile.addresses.map((address, at) => (
            <li key={address}>
              <span className="grow clip">{address}</span>
              {at === 0 && <Chip>{t.mainAddress}</Chip>}
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function timeZones(current: string): { id: string; label: string }[] {
  const names = new Set([...Intl.supportedValuesOf("timeZone"), current]);
  return [...names].map((id) => ({ id, label: id.replaceAll("_", " ") }));
}
