import {
  Archive,
  Check,
  ChevronDown,
  Forward,
  LayoutGrid,
  List,
  Reply,
  Send,
  ShieldCheck,
  Trash2,
  UserPlus,
} from "lucide-react";
import { type ReactNode, useState } from "react";
import { start } from "../../src/shell/start.tsx";
import { Breadcrumb } from "../../src/ui/breadcrumb.tsx";
import { Button, IconButton } from "../../src/ui/button.tsx";
import { Confirm, Dialog, PopoverButton, SideSheet } from "../../src/ui/dialog.tsx";
import { EmptyState } from "../../src/ui/empty-state.tsx";
import { Banner, Note, OfflineBanner, Skeleton } from "../../src/ui/feedback.tsx";
import { Checkbox, PasswordField, SearchField, Switch, TextAreaField, TextField } from "../../src/ui/field.tsx";
import { FileGlyph } from "../../src/ui/file-glyph.tsx";
import { Avatar, Badge, Chip, ProgressBar, QuotaBar, StateDot } from "../../src/ui/marks.tsx";
import { MenuButton, MenuChoice, MenuEntry, MenuLine } from "../../src/ui/menu.tsx";
import { SegmentedControl } from "../../src/ui/segmented.tsx";
import { ComboBox, Select } from "../../src/ui/select.tsx";
import { Mark } from "../../src/ui/sign.tsx";
import { DataTable } from "../../src/ui/table.tsx";
import { Tabs } from "../../src/ui/tabs.tsx";
import { toast, toastProblem, toastWithUndo } from "../../src/ui/toast.tsx";
import { TokenField, type TokenItem } from "../../src/ui/token-field.tsx";

const people = [
  { id: "nadia.benali@bourg-fleuri.example", label: "Nadia Benali" },
  { id: "sylvie.lemoigne@bourg-fleuri.example", label: "Sylvie Lemoigne" },
  { id: "thierry.hamel@bourg-fleuri.example", label: "Thierry Hamel" },
  { id: "agathe@levallois-geometre.example", label: "Agathe Levallois" },
];

function isOutside(address: string): boolean {
  return !address.endsWith("@bourg-fleuri.example");
}

function tokenOf(id: string, label: string): TokenItem {
  return { id, label, tone: isOutside(id) ? "warn" : "plain", detail: isOutside(id) ? "extérieur" : undefined };
}

function parse(text: string): TokenItem | null {
  const found = /^(?:"?([^"<]*)"?\s*<)?([^\s<>@]+@[^\s<>@]+\.[^\s<>@]+)>?$/.exec(text.trim());
  return found?.[2] ? tokenOf(found[2].toLowerCase(), found[1]?.trim() || found[2]) : null;
}

async function suggest(query: string) {
  const word = query.toLowerCase();
  return people
    .filter(({ id, label }) => `${id} ${label}`.toLowerCase().includes(word))
    .map(({ id, label }) => ({ ...tokenOf(id, label), secondary: id }));
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="stack stack-3" style={{ padding: "20px 0", borderTop: "1px solid var(--line)" }}>
      <h2 className="small muted">{title}</h2>
      {children}
    </section>
  );
}

function Gallery() {
  const [view, setView] = useState<"list" | "grid">("list");
  const [tab, setTab] = useState<"a" | "b" | "c">("a");
  const [search, setSearch] = useState("");
  const [days, setDays] = useState<"7" | "30" | "90">("30");
  const [zone, setZone] = useState("Europe/Paris");
  const [tokens, setTokens] = useState<readonly TokenItem[]>([
    tokenOf("agathe@levallois-geometre.example", "Agathe Levallois"),
  ]);
  const [open, setOpen] = useState<"dialog" | "confirm" | "sheet" | null>(null);
  const [sort, setSort] = useState<"date" | "name">("date");
  const close = () => setOpen(null);
  return (
    <main style={{ padding: "24px 32px 80px", maxWidth: 960, background: "var(--surface)", minHeight: "100dvh" }}>
      <Mark />
      <h1 style={{ font: "500 var(--fs-2xl)/1.2 var(--font-voice)", margin: "16px 0" }}>Composants</h1>
      <Part title="Boutons">
        <div className="row wrap-row">
          <Button variant="primary" icon={Send}>
            Envoyer
          </Button>
          <Button>Aperçu</Button>
          <Button variant="soft" icon={UserPlus}>
            Partager
          </Button>
          <Button variant="ghost">Annuler</Button>
          <Button variant="danger">Supprimer</Button>
          <Button isDisabled>Indisponible</Button>
          <Button isPending>Enregistrer</Button>
          <Button variant="primary" isPending>
            Enregistrer
          </Button>
          <IconButton label="Archiver" icon={Archive} />
          <Button size="sm">Petit</Button>
          <SegmentedControl
            label="Présentation"
            value={view}
            onChange={setView}
            segments={[
              { id: "list", label: "Liste", icon: List },
              { id: "grid", label: "Vignettes", icon: LayoutGrid },
            ]}
          />
        </div>
      </Part>
      <Part title="Champs">
        <div style={{ display: "grid", gridTemplateColumns: "repeat(auto-fit, minmax(260px, 1fr))", gap: 20 }}>
          <TextField label="Prénom" defaultValue="Colette" />
          <TextField label="Adresse" defaultValue="colette.vautier@" error="Il manque la fin, après le @." />
          <PasswordField label="Mot de passe" defaultValue="quatre mots" />
          <Select
            label="Durée du lien"
            hint="Ensuite, le lien ne s’ouvre plus."
            value={days}
            onChange={setDays}
            choices={[
              { id: "7", label: "7 jours" },
              { id: "30", label: "30 jours" },
              { id: "90", label: "90 jours" },
            ]}
          />
          <ComboBox
            label="Fuseau horaire"
            value={zone}
            onChange={setZone}
            choices={["Europe/Paris", "Indian/Reunion", "America/Cayenne"].map((id) => ({ id, label: id }))}
          />
          <TextAreaField label="Message" rows={3} />
          <div className="stack stack-3">
            <Checkbox defaultSelected>Prévenir par courriel</Checkbox>
            <Checkbox isIndeterminate>Tout choisir</Checkbox>
            <Switch defaultSelected hint="L’adresse ne suffit plus.">
              Demander un mot de passe
            </Switch>
          </div>
          <SearchField label="Chercher" value={search} onChange={setSearch} />
        </div>
        <TokenField label="À" tokens={tokens} onChange={setTokens} parse={parse} suggest={suggest} />
      </Part>
      <Part title="Étiquettes et visages">
        <div className="row wrap-row">
          <Chip who="Nadia Benali">Nadia B.</Chip>
          <Chip tone="none">À attribuer</Chip>
          <Chip tone="green">Réponse prête</Chip>
          <Chip tone="ok">Signé</Chip>
          <Chip tone="warn">À rendre mercredi</Chip>
          <Chip tone="danger">En retard</Chip>
          <Chip tone="info" icon={ShieldCheck}>
            Extérieur
          </Chip>
          <Chip tone="line" onRemove={() => undefined} removeLabel="Retirer Urbanisme">
            Urbanisme
          </Chip>
          <Badge>12</Badge>
          <StateDot tone="ok">Actif</StateDot>
          <StateDot tone="warn">Invité</StateDot>
          <StateDot tone="off">Suspendu</StateDot>
        </div>
        <div className="row wrap-row">
          {people.map((person) => (
            <Avatar key={person.id} name={person.label} seed={person.id} />
          ))}
          {(["dir", "pdf", "doc", "xls", "pres", "img", "media", "archive", "text", "other"] as const).map((kind) => (
            <FileGlyph key={kind} kind={kind} />
          ))}
        </div>
      </Part>
      <Part title="Onglets, menu, chemin">
        <Tabs
          label="Boîte"
          value={tab}
          onChange={setTab}
          tabs={[
            { id: "a", label: "Tous", content: <p style={{ padding: 16 }}>Tous les messages</p> },
            { id: "b", label: "À attribuer", count: 3, content: <p style={{ padding: 16 }}>Trois messages</p> },
            { id: "c", label: "Traités", content: <p style={{ padding: 16 }}>Rien encore</p> },
          ]}
        />
        <div className="row wrap-row">
          <MenuButton label="Actions" placement="bottom start" trigger={<Button icon={ChevronDown}>Actions</Button>}>
            <MenuEntry icon={Reply} shortcut="R">
              Répondre
            </MenuEntry>
            <MenuEntry icon={Forward}>Transférer</MenuEntry>
            <MenuLine />
            <MenuChoice
              title="Ordre"
              value={sort}
              onChange={setSort}
              choices={[
                { id: "date", label: "Date" },
                { id: "name", label: "Nom" },
              ]}
            />
            <MenuLine />
            <MenuEntry icon={Trash2} isDanger>
              Mettre à la corbeille
            </MenuEntry>
          </MenuButton>
          <PopoverButton label="Détails" trigger={<Button>Détails</Button>}>
            <p>Signé par bourg-fleuri.example</p>
          </PopoverButton>
          <Breadcrumb
            crumbs={[
              { id: "1", label: "Mes fichiers" },
              { id: "2", label: "Urbanisme" },
              { id: "3", label: "Permis 2026" },
            ]}
            link={(crumb) => <a href={`#${crumb.id}`}>{crumb.label}</a>}
          />
        </div>
      </Part>
      <Part title="Tableau et espace">
        <div className="card" style={{ overflow: "hidden" }}>
          <DataTable
            label="Espace par personne"
            rows={people}
            keyOf={(person) => person.id}
            columns={[
              { id: "name", title: "Nom", cell: (person) => person.label },
              {
                id: "space",
                title: "Espace",
                cell: (person) => <QuotaBar used={person.label.length} limit={16} hideText />,
              },
              { id: "state", title: "État", cell: () => <StateDot tone="ok">Actif</StateDot> },
            ]}
          />
        </div>
        <ProgressBar label="Envoi de Photos.zip" ratio={0.64} />
        <ProgressBar label="Préparation" ratio={null} />
        <QuotaBar used={1_900_000_000} limit={2_000_000_000} />
      </Part>
      <Part title="Dialogues et messages brefs">
        <div className="row wrap-row">
          <Button onPress={() => setOpen("dialog")}>Dialogue</Button>
          <Button onPress={() => setOpen("confirm")}>Confirmation</Button>
          <Button onPress={() => setOpen("sheet")}>Feuille</Button>
          <Button onPress={() => toast("Message envoyé.")}>Message bref</Button>
          <Button onPress={() => toastWithUndo("Conversation archivée.", "Annuler", () => toast("Remise en place."))}>
            Avec annulation
          </Button>
          <Button onPress={() => toastProblem("L’envoi n’a pas abouti.", { label: "Réessayer", run: () => undefined })}>
            Échec
          </Button>
        </div>
        <Dialog
          isOpen={open === "dialog"}
          onClose={close}
          title="Renommer"
          actions={
            <Button variant="primary" onPress={close}>
              Renommer
            </Button>
          }
        >
          <TextField label="Nom" defaultValue="Plans 2019" autoFocus />
        </Dialog>
        <Confirm
          isOpen={open === "confirm"}
          onClose={close}
          title="Supprimer « Plans 2019 » ?"
          text="Les 48 fichiers iront à la corbeille. Vous aurez 14 jours pour les récupérer."
          keep="Garder"
          confirm="Supprimer"
          onConfirm={close}
        />
        <SideSheet isOpen={open === "sheet"} onClose={close} title="Détails">
          <p>Une feuille qui vient de la droite.</p>
        </SideSheet>
      </Part>
      <Part title="Bandeaux et notes">
        <OfflineBanner isOffline text="Hors connexion : vos brouillons sont gardés sur cet appareil." />
        <Banner tone="danger" action={{ label: "Réessayer", run: () => undefined }}>
          L’envoi n’a pas abouti.
        </Banner>
        <Note tone="info" icon={ShieldCheck}>
          Ce message vient de l’extérieur. L’adresse a été vérifiée.
        </Note>
        <Note tone="danger">
          <span className="strong">Prudence.</span> Ce message dit venir du Trésor public, mais son adresse n’est pas la
          leur.
        </Note>
        <Note tone="ok" icon={Check}>
          Signé.
        </Note>
      </Part>
      <Part title="Quand il n’y a rien">
        <div style={{ display: "grid", gridTemplateColumns: "repeat(auto-fit, minmax(170px, 1fr))" }}>
          {(["mailbox", "folder", "hedge", "search", "gate"] as const).map((drawing) => (
            <EmptyState key={drawing} drawing={drawing} title="Tout est lu">
              Rien n’attend dans cette boîte.
            </EmptyState>
          ))}
        </div>
      </Part>
      <Part title="Chargement">
        <div className="row" style={{ gap: 14 }}>
          <Skeleton width={40} height={40} isRound />
          <span className="grow stack">
            <Skeleton width="48%" />
            <Skeleton width="82%" height={12} />
          </span>
        </div>
      </Part>
    </main>
  );
}

start(<Gallery />);
