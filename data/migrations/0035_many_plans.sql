-- Very many kept plans: what a company or a county's desk lists, and which are on their way at some time, without looking through
-- those of all others and of all the past.
SET LOCAL search_path = baochang, public;

CREATE INDEX ON stored_plan (company, number) WHERE company IS NOT NULL;
CREATE INDEX ON stored_plan (county, number) WHERE county IS NOT NULL;
CREATE INDEX ON stored_plan (arrive_at) WHERE state IN ('active', 'broken');
