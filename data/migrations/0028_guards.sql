-- A switch that cuts a protected place off takes a reason, which stays with it.
SET LOCAL search_path = baochang, public;

ALTER TABLE county_switch ADD COLUMN force_reason text;
