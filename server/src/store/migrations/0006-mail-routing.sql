-- Where mail for an address goes: domains that stand for others, catch-alls, options of groups, forwards, moderation.

ALTER TABLE domain ADD CONSTRAINT domain_of_organization UNIQUE (organization_id, name);
ALTER TABLE domain
  -- The domain of the same organization that this one stands for: same local parts.
  ADD COLUMN alias_of text CHECK (alias_of <> name),
  -- Who gets what is sent to no address of the domain: a principal of the organization, or an address anywhere.
  ADD COLUMN catch_all_principal_id uuid,
  ADD COLUMN catch_all_address text,
  ADD CONSTRAINT domain_catch_all CHECK (num_nonnulls(catch_all_principal_id, catch_all_address) <= 1),
  ADD CONSTRAINT domain_alias FOREIGN KEY (organization_id, alias_of) REFERENCES domain (organization_id, name),
  ADD CONSTRAINT domain_catch_all_principal FOREIGN KEY (organization_id, catch_all_principal_id) REFERENCES principal;
CREATE INDEX domain_by_alias ON domain (organization_id, alias_of) WHERE alias_of IS NOT NULL;

-- A group without a row takes mail from anyone, shows its members and is not moderated.
CREATE TABLE group_option (
  organization_id uuid NOT NULL,
  group_id uuid NOT NULL,
  posting text NOT NULL DEFAULT 'anyone' CHECK (posting IN ('members', 'organization', 'anyone')),
  hides_members boolean NOT NULL DEFAULT false,
  is_moderated boolean NOT NULL DEFAULT false,
  PRIMARY KEY (organization_id, group_id),
  FOREIGN KEY (organization_id, group_id) REFERENCES principal
);

CREATE TABLE group_moderator (
  organization_id uuid NOT NULL,
  group_id uuid NOT NULL,
  principal_id uuid NOT NULL,
  PRIMARY KEY (organization_id, group_id, principal_id),
  FOREIGN KEY (organization_id, group_id) REFERENCES principal,
  FOREIGN KEY (organization_id, principal_id) REFERENCES principal
);
CREATE INDEX group_moderator_by_principal ON group_moderator (organization_id, principal_id);

-- Members of a group who have no account here.
CREATE TABLE group_outside_member (
  organization_id uuid NOT NULL,
  group_id uuid NOT NULL,
  address text NOT NULL,
  added_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, group_id, address),
  FOREIGN KEY (organization_id, group_id) REFERENCES principal
);

CREATE TABLE mail_forward (
  organization_id uuid NOT NULL,
  account_id uuid NOT NULL,
  addresses text[] NOT NULL CHECK (cardinality(addresses) > 0),
  keeps_copy boolean NOT NULL DEFAULT true,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, account_id),
  FOREIGN KEY (organization_id, account_id) REFERENCES account
);

-- Messages to a moderated group. The bytes go with the decision; the row is kept for the recovery period.
CREATE TABLE held_message (
  organization_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  group_id uuid NOT NULL,
  address text NOT NULL, -- of the group, as the sender wrote it
  sender text NOT NULL, -- return path
  author text NOT NULL, -- of From, for people
  subject text NOT NULL,
  preview text NOT NULL,
  message_header_id text, -- Message-ID, without angle brackets
  blob_id uuid NOT NULL,
  size bigint NOT NULL,
  -- Whether the sender may be told: false for a sender that anyone may have forged.
  is_sender_known boolean NOT NULL,
  -- Moderated groups that let it through already: a circle of such groups ends.
  accepted_by uuid[] NOT NULL,
  -- Accounts that had it by another recipient of the same message.
  reached_accounts uuid[] NOT NULL,
  reached_addresses text[] NOT NULL,
  received_at timestamptz NOT NULL,
  held_at timestamptz NOT NULL DEFAULT now(),
  return_at timestamptz NOT NULL, -- unanswered until then: returned to the author
  state text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'accepted', 'refused', 'returned')),
  decided_by uuid,
  decided_at timestamptz,
  reason text,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, group_id) REFERENCES principal
);
CREATE INDEX held_message_by_group ON held_message (organization_id, group_id, held_at) WHERE state = 'held';
CREATE INDEX held_message_due ON held_message (return_at) WHERE state = 'held';
CREATE INDEX held_message_by_decision ON held_message (decided_at) WHERE state <> 'held';

-- What a moderator is mailed: one link each. It ends with the decision, whoever made it.
CREATE TABLE moderation_link (
  token_hash bytea PRIMARY KEY,
  organization_id uuid NOT NULL,
  held_id uuid NOT NULL,
  moderator_id uuid NOT NULL,
  FOREIGN KEY (organization_id, held_id) REFERENCES held_message ON DELETE CASCADE,
  FOREIGN KEY (organization_id, moderator_id) REFERENCES principal
);
CREATE INDEX moderation_link_by_held ON moderation_link (organization_id, held_id);
