-- Roads by the beginning of their name: what a person types into a search box.
SET LOCAL search_path = baochang, public;

CREATE INDEX road_name ON road (name text_pattern_ops) WHERE name IS NOT NULL;
