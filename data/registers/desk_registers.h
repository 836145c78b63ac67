/* The vocabularies that whoever draws needs to choose from, and what is wrong with the rules as they stand. */
#ifndef DATA_DESK_REGISTERS_H
#define DATA_DESK_REGISTERS_H

#include "data/pg/pg.h"
#include "geo/base/buffer.h"

enum desk_register { REGISTER_ZONE_CLASSES, REGISTER_CREDENTIAL_TYPES, REGISTER_JURISDICTIONS, REGISTER_COUNT };

/** Appends {"items":[…]}, ordered by code: classes with ceiling, default rules and the level that approves; credential
 *  types; jurisdictions without their geometry. */
MUST_USE enum status register_read(struct pg *pg, enum desk_register which, struct buffer *out, struct error *err);

/** Appends {"rules_version":…,"findings":[{"code","kind","id","name","severity","message"}]}: rules that an operator should
 *  look at, within a scope (NULL: everything), at most 1,000. Texts in both languages. */
MUST_USE enum status quality_read(struct pg *pg, const char *scope, struct buffer *out, struct error *err);

#endif
