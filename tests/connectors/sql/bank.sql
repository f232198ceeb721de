-- A small bank in PostgreSQL: tables as a remote banking system might have them.  `api_specs/core-sql.sql` is run over
-- it unchanged, as a bank's DBA would run it; nothing else of the product knows these tables.

CREATE SCHEMA bank;

CREATE TABLE bank.companies (
    id text PRIMARY KEY,
    name text NOT NULL,
    inn varchar(12),
    kpp char(9)
);

CREATE TABLE bank.people (
    login text PRIMARY KEY,
    full_name text NOT NULL
);

CREATE TABLE bank.mandates (
    login text NOT NULL REFERENCES bank.people,
    company_id text NOT NULL REFERENCES bank.companies,
    title text NOT NULL,
    may_sign boolean NOT NULL,
    PRIMARY KEY (login, company_id)
);

CREATE TABLE bank.accounts (
    id text PRIMARY KEY,
    company_id text NOT NULL REFERENCES bank.companies,
    number char(20) NOT NULL,
    bic char(9) NOT NULL,
    currency char(3) NOT NULL DEFAULT 'RUB',
    name text NOT NULL,
    state text NOT NULL DEFAULT 'open',
    opened_on date NOT NULL,
    opening numeric(20, 2) NOT NULL DEFAULT 0,
    balance numeric(20, 2) NOT NULL DEFAULT 0
);

-- One line of an account's ledger; `amount` is signed, as ledgers have it.
CREATE TABLE bank.postings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id text NOT NULL REFERENCES bank.accounts,
    amount numeric(20, 2) NOT NULL,
    kind char(2) NOT NULL,
    number text NOT NULL,
    dated date NOT NULL,
    booked_on date NOT NULL,
    valued_on date NOT NULL,
    party_name text NOT NULL,
    party_inn varchar(12),
    party_kpp varchar(9),
    party_account varchar(20),
    party_bic char(9),
    party_bank text,
    party_bank_account varchar(20),
    purpose text NOT NULL,
    priority smallint,
    uin varchar(25),
    budget jsonb,
    order_id text
);
CREATE INDEX ON bank.postings (account_id, booked_on);

CREATE TABLE bank.turnovers (
    account_id text NOT NULL,
    day date NOT NULL,
    amount numeric(20, 2) NOT NULL,
    PRIMARY KEY (account_id, day)
);

-- The bank's business date and time: the operating days before it are closed.
CREATE TABLE bank.operating_day (
    today date NOT NULL,
    at timestamptz NOT NULL
);

CREATE FUNCTION bank.keep_sums() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM bank.move(OLD.account_id, OLD.booked_on, -OLD.amount);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM bank.move(NEW.account_id, NEW.booked_on, NEW.amount);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION bank.move(of_account text, on_day date, by_amount numeric) RETURNS void LANGUAGE sql AS $$
    UPDATE bank.accounts SET balance = balance + by_amount WHERE id = of_account;
    INSERT INTO bank.turnovers AS t VALUES (of_account, on_day, by_amount)
        ON CONFLICT (account_id, day) DO UPDATE SET amount = t.amount + by_amount;
$$;

CREATE TRIGGER keep_sums AFTER INSERT OR UPDATE OR DELETE ON bank.postings
    FOR EACH ROW EXECUTE FUNCTION bank.keep_sums();

INSERT INTO bank.companies VALUES
    ('1001', 'ООО "Альфа"', '7707083893', '770701001'),
    ('1002', 'ИП Петров Иван Сергеевич', '500100732259', NULL);
INSERT INTO bank.people VALUES
    ('ivanova', 'Иванова Анна Сергеевна'), ('petrov', 'Петров Иван Сергеевич'), ('sidorova', 'Сидорова Ольга');
INSERT INTO bank.mandates VALUES
    ('ivanova', '1001', 'Генеральный директор', true),
    ('sidorova', '1001', 'Бухгалтер', false),
    ('petrov', '1002', 'Предприниматель', true);
INSERT INTO bank.accounts (id, company_id, number, bic, name, state, opened_on, opening, balance) VALUES
    ('A-1', '1001', '40702810400000000017', '044525987', 'Расчётный счёт', 'open', '2025-11-19', 100000, 100000),
    ('A-2', '1001', '40702810700000000018', '044525987', 'Расчётный счёт', 'open', '2025-11-19', 5000, 5000),
    ('A-3', '1001', '40702810000000000019', '044525987', 'Расчётный счёт', 'arrested', '2025-11-19', 0, 0),
    ('B-1', '1002', '40802810300000000020', '044525987', 'Расчётный счёт', 'open', '2025-11-19', 700, 700);
INSERT INTO bank.operating_day VALUES ('2026-11-20', '2026-11-20 09:00+00');
