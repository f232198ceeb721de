-- The views and tables by which the SQL core is connected.  PostgreSQL 13 or newer; run by the owner of the bank's
-- tables, whole or not at all:  psql -v ON_ERROR_STOP=1 -1 -f core-sql.sql
--
-- What to adapt: the five views of part 2 and the trigger of part 3 read the example tables `bank.*`; put your own in
-- their place.  Names, types and meaning of the columns stay: `core-sql.md` tells each.

-- 1. The schema ------------------------------------------------------------------------------------------------------

CREATE SCHEMA open_api;
REVOKE ALL ON SCHEMA open_api FROM PUBLIC;

-- The life of this database.  Another value tells the product that entries and events may have been lost: it then reads
-- all from the beginning.  A restore to a moment, a copy to another server and the promotion of a standby change it by
-- themselves.  After any other return to an earlier state (a snapshot of the disk, pg_restore over these tables):
--   UPDATE open_api.restores SET life = gen_random_uuid();
CREATE TABLE open_api.restores (life uuid NOT NULL);
INSERT INTO open_api.restores VALUES (gen_random_uuid());
CREATE VIEW open_api.epoch AS
    SELECT concat_ws('-', life, (pg_control_system()).system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8))
        AS epoch
    FROM open_api.restores;

-- 2. What is read: customers, users, accounts, balances, days ---------------------------------------------------------

CREATE VIEW open_api.customers AS
    SELECT id AS customer_id, name, inn, kpp
    FROM bank.companies;

CREATE VIEW open_api.users AS
    SELECT
        m.login AS user_id,
        p.full_name AS user_name,
        m.company_id AS customer_id,
        m.title AS role,
        m.may_sign AS may_give_consent,
        CASE WHEN NOT m.may_sign THEN 'Нет права подписи' END AS reason
    FROM bank.mandates AS m
    JOIN bank.people AS p USING (login);

CREATE VIEW open_api.accounts AS
    SELECT
        id AS account_id,
        company_id AS customer_id,
        number,
        bic,
        currency,
        name,
        CASE state WHEN 'arrested' THEN 'blocked' ELSE state END AS status,
        true AS can_be_shared,
        NULL::text AS reason
    FROM bank.accounts;

CREATE VIEW open_api.balances AS
    SELECT id AS account_id, balance AS booked, balance AS available, (SELECT at FROM bank.operating_day) AS as_of
    FROM bank.accounts;

-- Closed days only, without gaps: one row for each day since the account was opened, also where nothing moved.
CREATE VIEW open_api.days AS
    SELECT account_id, day, closing - moved AS opening, closing
    FROM (
        SELECT
            a.id AS account_id,
            d.day::date AS day,
            coalesce(t.amount, 0) AS moved,
            a.opening + sum(coalesce(t.amount, 0)) OVER (PARTITION BY a.id ORDER BY d.day) AS closing
        FROM bank.accounts AS a
        CROSS JOIN LATERAL generate_series(a.opened_on, (SELECT today - 1 FROM bank.operating_day), '1 day') AS d (day)
        LEFT JOIN bank.turnovers AS t ON t.account_id = a.id AND t.day = d.day::date
    ) AS summed;

-- 3. Entries with their sequence --------------------------------------------------------------------------------------
--
-- A number is given under the lock of the account's row in `feeds`, which is held until the transaction ends.  Thus
-- numbers of one account become visible in their order, and a reader that goes on from a number misses nothing.  A
-- plain sequence without the lock loses entries: a lower number that commits later is never read.

CREATE TABLE open_api.feeds (account_id text PRIMARY KEY);
CREATE SEQUENCE open_api.entry_sequence CACHE 1;  -- a larger cache would give numbers out of order

CREATE TABLE open_api.entry_numbers (
    account_id text NOT NULL,
    entry_id bigint NOT NULL,
    number bigint NOT NULL,         -- of the last change of this entry
    first_touched date NOT NULL,    -- the earliest day that any version of it was booked on
    document_id text,               -- kept for an entry that was removed
    PRIMARY KEY (account_id, entry_id)
);
CREATE UNIQUE INDEX ON open_api.entry_numbers (account_id, number);

CREATE FUNCTION open_api.note_entry(of_account text, of_entry bigint, on_day date, of_document text) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO open_api.feeds VALUES (of_account) ON CONFLICT DO NOTHING;
    PERFORM FROM open_api.feeds WHERE account_id = of_account FOR UPDATE;
    IF NOT FOUND THEN  -- only above READ COMMITTED, where the first entry of an account meets another first entry
        RAISE serialization_failure;
    END IF;
    INSERT INTO open_api.entry_numbers AS n VALUES
        (of_account, of_entry, nextval('open_api.entry_sequence'), on_day, of_document)
        ON CONFLICT (account_id, entry_id) DO UPDATE SET
            number = excluded.number,
            first_touched = least(n.first_touched, excluded.first_touched),
            document_id = excluded.document_id;
END $$;

CREATE FUNCTION open_api.note_posting() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM open_api.note_entry(OLD.account_id, OLD.id, OLD.booked_on, OLD.order_id);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM open_api.note_entry(NEW.account_id, NEW.id, NEW.booked_on, NEW.order_id);
    END IF;
    RETURN NULL;
END $$;

-- Deferred: the account's lock is taken at the very end of the bank's transaction and held for its commit only.
CREATE CONSTRAINT TRIGGER note_posting AFTER INSERT OR UPDATE OR DELETE ON bank.postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION open_api.note_posting();

-- What was booked before today's installation, numbered once.  The trigger above has locked out writers until the end.
INSERT INTO open_api.feeds SELECT DISTINCT account_id FROM bank.postings;
INSERT INTO open_api.entry_numbers
    SELECT account_id, id, nextval('open_api.entry_sequence'), booked_on, order_id
    FROM bank.postings ORDER BY account_id, booked_on, id;

CREATE VIEW open_api.entries AS
    SELECT
        n.account_id,
        n.number,
        n.entry_id::text AS entry_id,
        n.first_touched,
        p.id IS NULL AS is_removed,
        CASE WHEN p.amount > 0 THEN 'credit' ELSE 'debit' END AS direction,
        abs(p.amount) AS amount,
        a.currency,
        p.kind AS document_type,
        p.number AS document_number,
        p.dated AS document_date,
        p.booked_on AS booking_date,
        p.valued_on AS value_date,
        p.party_name AS counterparty_name,
        p.party_inn AS counterparty_inn,
        p.party_kpp AS counterparty_kpp,
        p.party_account AS counterparty_account,
        p.party_bic AS counterparty_bic,
        p.party_bank AS counterparty_bank_name,
        p.party_bank_account AS counterparty_correspondent_account,
        p.purpose,
        p.priority,
        p.uin,
        p.budget ->> 'drawer_status' AS budget_drawer_status,
        p.budget ->> 'kbk' AS budget_kbk,
        p.budget ->> 'oktmo' AS budget_oktmo,
        p.budget ->> 'reason' AS budget_reason,
        p.budget ->> 'tax_period' AS budget_tax_period,
        p.budget ->> 'basis_number' AS budget_basis_number,
        p.budget ->> 'basis_date' AS budget_basis_date,
        p.budget ->> 'payment_type' AS budget_payment_type,
        n.document_id
    FROM open_api.entry_numbers AS n
    LEFT JOIN bank.postings AS p ON p.id = n.entry_id AND p.account_id = n.account_id
    LEFT JOIN bank.accounts AS a ON a.id = n.account_id;

-- 4. The inbox of drafts ----------------------------------------------------------------------------------------------
--
-- The product inserts; the bank's programs read, and write `status`, `reason`, `core_reference`, `sign_url`, `edited`.

CREATE TABLE open_api.drafts (
    document_id text PRIMARY KEY,
    customer_id text NOT NULL,
    account_id text NOT NULL,
    number text NOT NULL,
    date date NOT NULL,
    amount numeric(20, 2) NOT NULL CHECK (amount > 0),
    currency char(3) NOT NULL,
    payee_name text NOT NULL,
    payee_inn text,
    payee_kpp text,
    payee_account text,
    payee_bic text,
    payee_bank_name text,
    payee_correspondent_account text,
    purpose text NOT NULL,
    priority smallint NOT NULL,
    uin text,
    income_type_code text,
    operation_code text NOT NULL,
    payment_kind text,
    payer_account text,
    payer_name text,
    payer_inn text,
    payer_kpp text,
    budget_drawer_status text,
    budget_kbk text,
    budget_oktmo text,
    budget_reason text,
    budget_tax_period text,
    budget_basis_number text,
    budget_basis_date text,
    budget_payment_type text,
    partner_name text NOT NULL,
    partner_external_id text,
    partner_account_id text,
    possible_duplicate boolean NOT NULL,
    origin text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    -- the bank's:
    status text NOT NULL DEFAULT 'awaiting_signature' CHECK (status IN (
        'awaiting_signature', 'signed', 'in_process', 'executed', 'rejected', 'cancelled', 'expired')),
    status_at timestamptz NOT NULL DEFAULT now(),
    reason text,
    core_reference text,
    sign_url text,
    edited jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(edited) = 'object')
);

-- Every state that a draft took, written by the trigger at the end of the transaction, in the order of commits.
CREATE TABLE open_api.draft_events (
    number bigint PRIMARY KEY,
    document_id text NOT NULL,
    status text NOT NULL,
    at timestamptz NOT NULL,
    reason text,
    core_reference text,
    sign_url text,
    edited jsonb NOT NULL
);
CREATE SEQUENCE open_api.draft_sequence CACHE 1;
CREATE TABLE open_api.draft_lock (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row));
INSERT INTO open_api.draft_lock DEFAULT VALUES;

CREATE FUNCTION open_api.note_draft() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM open_api.draft_lock FOR UPDATE;
    INSERT INTO open_api.draft_events VALUES (nextval('open_api.draft_sequence'), NEW.document_id, NEW.status,
        NEW.status_at, NEW.reason, NEW.core_reference, NEW.sign_url, NEW.edited);
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER note_draft AFTER INSERT OR UPDATE OF status, edited ON open_api.drafts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION open_api.note_draft();

-- The product asks to take a draft back by inserting here; whether it was in time is decided under the draft's lock.
CREATE TABLE open_api.withdrawals (
    request_id text PRIMARY KEY,
    document_id text NOT NULL REFERENCES open_api.drafts,
    done boolean NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION open_api.withdraw() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM open_api.withdrawals WHERE request_id = NEW.request_id) THEN
        RETURN NULL;
    END IF;
    UPDATE open_api.drafts SET status = 'cancelled', status_at = now(), reason = 'Отозван отправителем'
        WHERE document_id = NEW.document_id AND status IN ('awaiting_signature');
    NEW.done := FOUND;
    RETURN NEW;
END $$;

CREATE TRIGGER withdraw BEFORE INSERT ON open_api.withdrawals FOR EACH ROW EXECUTE FUNCTION open_api.withdraw();

-- The product compares a period of an account with what it has (`bank-adapter feed check`): which, it notes here.
CREATE TABLE open_api.statement_orders (
    order_id text PRIMARY KEY,
    account_id text NOT NULL,
    date_from date NOT NULL,
    date_to date NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);

-- 5. The product's role and its rights --------------------------------------------------------------------------------
--
-- It reads, and it inserts drafts, withdrawals and orders of statements; it changes and deletes nothing, not even those.
-- Set its password apart from here.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bank_adapter') THEN
        CREATE ROLE bank_adapter LOGIN CONNECTION LIMIT 100;
        ALTER ROLE bank_adapter SET idle_in_transaction_session_timeout = '30s';
    END IF;
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA open_api FROM PUBLIC;
GRANT USAGE ON SCHEMA open_api TO bank_adapter;
GRANT SELECT ON
    open_api.epoch, open_api.customers, open_api.users, open_api.accounts, open_api.balances, open_api.days,
    open_api.entries, open_api.drafts, open_api.draft_events, open_api.withdrawals, open_api.statement_orders
    TO bank_adapter;
GRANT INSERT (
    document_id, customer_id, account_id, number, date, amount, currency, payee_name, payee_inn, payee_kpp,
    payee_account, payee_bic, payee_bank_name, payee_correspondent_account, purpose, priority, uin, income_type_code,
    operation_code, payment_kind, payer_account, payer_name, payer_inn, payer_kpp, budget_drawer_status, budget_kbk,
    budget_oktmo, budget_reason, budget_tax_period, budget_basis_number, budget_basis_date, budget_payment_type,
    partner_name, partner_external_id, partner_account_id, possible_duplicate, origin
    ) ON open_api.drafts TO bank_adapter;
GRANT INSERT (request_id, document_id) ON open_api.withdrawals TO bank_adapter;
GRANT INSERT (order_id, account_id, date_from, date_to) ON open_api.statement_orders TO bank_adapter;
