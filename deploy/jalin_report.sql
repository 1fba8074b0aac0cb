-- A role for dashboards (Metabase, Grafana, psql): it may read the views of reports, and nothing else. Run as the owner of
-- the bot's database, once, and again after a restore (a backup holds no rights):
--
--     psql "$DATABASE_URL" -v password="'a long password'" -f deploy/jalin_report.sql
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'jalin_report') THEN
        CREATE ROLE jalin_report LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT CONNECTION LIMIT 10;
    END IF;
END $$;
ALTER ROLE jalin_report PASSWORD :password;
ALTER ROLE jalin_report SET default_transaction_read_only = on;
ALTER ROLE jalin_report SET statement_timeout = '5s';
ALTER ROLE jalin_report SET search_path = report;
REVOKE ALL ON SCHEMA public FROM jalin_report;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM jalin_report;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA report TO jalin_report;
GRANT SELECT ON report.site_quarter, report.class, report.lesson, report.question, report.mentoring, report.delivery
    TO jalin_report;
