#include "api/routes.h"

#include "api/assets.h"
#include "api/handlers/audit.h"
#include "api/handlers/compare.h"
#include "api/handlers/counties.h"
#include "api/handlers/events.h"
#include "api/handlers/explain.h"
#include "api/handlers/export_files.h"
#include "api/handlers/exports.h"
#include "api/handlers/glyphs.h"
#include "api/handlers/impact.h"
#include "api/handlers/jobs.h"
#include "api/handlers/lanes.h"
#include "api/handlers/layers.h"
#include "api/handlers/match.h"
#include "api/handlers/matrix.h"
#include "api/handlers/notices.h"
#include "api/handlers/ogc_features.h"
#include "api/handlers/ogc_routes.h"
#include "api/handlers/openapi.h"
#include "api/handlers/osrm.h"
#include "api/handlers/overview.h"
#include "api/handlers/plans.h"
#include "api/handlers/reach.h"
#include "api/handlers/register_desk.h"
#include "api/handlers/registers.h"
#include "api/handlers/route.h"
#include "api/handlers/rule_reads.h"
#include "api/handlers/rules.h"
#include "api/handlers/search.h"
#include "api/handlers/session.h"
#include "api/handlers/sheets.h"
#include "api/handlers/snap.h"
#include "api/handlers/style.h"
#include "api/handlers/tiles.h"
#include "api/handlers/whatif.h"
#include "api/handlers/zone_import.h"
#include "api/operation.h"
#include "api/parse/query_json.h"

#define JSON_TYPE "application/json"
#define RULE_TYPE "application/geo+json|application/json"
#define UPLOAD_TYPE RULE_TYPE "|application/zip|application/geopackage+sqlite3"
#define DRAW (ROLE_PLANNER | ROLE_ADMIN)
#define APPROVE (ROLE_APPROVER | ROLE_ADMIN)
#define COUNTY_READ (DRAW | APPROVE | ROLE_OFFICER)

/* Room for 200,000 vertices of an area to keep away from. */
enum { ROUTE_BODY = 8 << 20, MATRIX_BODY = 2 << 20, SNAP_BODY = 64 << 10, RULE_BODY = 8 << 20, LANE_BODY = 64 << 10, WORDS_BODY = 32 << 10, NOTICE_BODY = 256 << 10, UPLOAD_BODY = 32 << 20 };

/* A register: its path, the names of its operations, what a list may be narrowed to, who writes. */
#define REGISTER(path, all, one, keys, writers)                                                                      \
    {HTTP_GET, "/v1/" path, all, register_page, .query = keys, .roles = ROLE_ANYONE},                                \
        {HTTP_POST, "/v1/" path, one "_create", register_create, .media_type = RULE_TYPE, .max_body = RULE_BODY, .roles = writers}, \
        {HTTP_GET, "/v1/" path "/{id}", one, register_one, .roles = ROLE_ANYONE},                                    \
        {HTTP_GET, "/v1/" path "/{id}/history", one "_history", register_versions, .roles = ROLE_ANYONE},            \
        {HTTP_PUT, "/v1/" path "/{id}", one "_replace", register_replace, .media_type = RULE_TYPE, .max_body = RULE_BODY, .roles = writers}, \
        {HTTP_DELETE, "/v1/" path "/{id}", one "_delete", register_remove, .roles = writers}

const struct route app_routes[] = {
    /* routing */
    {HTTP_POST, "/v1/route", "route", route_any, .media_type = JSON_TYPE, .max_body = ROUTE_BODY, .roles = ROLE_ANYONE},
    {HTTP_GET, "/v1/route", "route_get", route_any, .query = query_route_keys, .roles = ROLE_ANYONE},
    {HTTP_POST, "/v1/matrix", "matrix", matrix_post, .media_type = JSON_TYPE, .max_body = MATRIX_BODY,
     .roles = ROLE_ANYONE},
    {HTTP_POST, "/v1/reach", "reach", reach_post, .media_type = JSON_TYPE, .max_body = ROUTE_BODY, .roles = ROLE_ANYONE},
    {HTTP_POST, "/v1/explain", "explain", explain_post, .media_type = JSON_TYPE, .max_body = ROUTE_BODY,
     .roles = ROLE_ANYONE},
    {HTTP_POST, "/v1/compare", "compare", compare_post, .media_type = JSON_TYPE, .max_body = ROUTE_BODY,
     .roles = ROLE_ANYONE},
    {HTTP_POST, "/v1/match", "match", match_post, .media_type = JSON_TYPE, .max_body = MATRIX_BODY, .roles = ROLE_ANYONE},
    {HTTP_POST, "/v1/snap", "snap", snap_any, .media_type = JSON_TYPE, .max_body = SNAP_BODY, .roles = ROLE_ANYONE},
    {HTTP_GET, "/v1/snap", "snap_get", snap_any, .query = query_snap_keys, .roles = ROLE_ANYONE},
    {HTTP_POST, "/v1/whatif", "whatif", whatif_post, .media_type = JSON_TYPE, .max_body = ROUTE_BODY, .roles = ROLE_SIGNED_IN},
    {HTTP_POST, "/v1/impact", "impact", impact_post, .query = impact_keys, .media_type = JSON_TYPE, .max_body = ROUTE_BODY,
     .roles = ROLE_SIGNED_IN},
    /* plans that are kept */
    {HTTP_GET, "/v1/plans", "plans", plans_list, .query = plan_list_keys, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/v1/plans/{id}", "plan", plan_read, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/v1/plans/{id}.pdf", "plan_pdf", sheet_read, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/v1/plans/{id}.svg", "plan_svg", sheet_read, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/v1/plans/{id}.png", "plan_png", sheet_read, .query = sheet_png_keys, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/v1/plans/{id}/check", "plan_check", plan_check, .query = plan_check_keys, .roles = ROLE_SIGNED_IN},
    {HTTP_POST, "/v1/plans/{id}/replan", "plan_replan", plan_replan, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = ROLE_SIGNED_IN},
    {HTTP_DELETE, "/v1/plans/{id}", "plan_delete", plan_delete, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/v1/overview", "overview", overview_read, .query = overview_keys, .roles = ROLE_SIGNED_IN},
    {HTTP_POST, "/v1/jobs", "job_create", job_post, .media_type = JSON_TYPE, .max_body = WORDS_BODY, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/v1/jobs", "jobs", jobs_get, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/v1/jobs/{id}", "job", job_get, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/v1/jobs/{id}/results", "job_results", job_results_get, .query = job_result_keys, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/v1/jobs/{id}/file", "job_file", export_file_get, .roles = ROLE_SIGNED_IN},
    {HTTP_POST, "/v1/jobs/{id}/cancel", "job_cancel", job_cancel_post, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = ROLE_SIGNED_IN},
    /* OSRM v1 */
    {HTTP_GET, "/route/v1/{profile}/{coordinates}", "osrm_route", osrm_route, .query = osrm_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/table/v1/{profile}/{coordinates}", "osrm_table", osrm_table, .query = osrm_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/trip/v1/{profile}/{coordinates}", "osrm_trip", osrm_trip, .query = osrm_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/match/v1/{profile}/{coordinates}", "osrm_match", osrm_match, .query = osrm_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/nearest/v1/{profile}/{coordinates}", "osrm_nearest", osrm_nearest, .query = osrm_keys,
     .roles = ROLE_ANYONE},
    /* what the map draws */
    {HTTP_GET, "/v1/network", "network", network_read, .roles = ROLE_ANYONE},
    {HTTP_GET, "/v1/zones", "zones", rules_list, .query = zone_list_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/v1/checkpoints", "checkpoints", rules_list, .query = checkpoint_list_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/v1/closures", "closures", rules_list, .query = closure_list_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/v1/search", "search", search_read, .query = search_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/tiles/{layer}/{z}/{x}/{y}.mvt", "tile", tile_read_any, .roles = ROLE_ANYONE},
    {HTTP_GET, "/tiles/{layer}.json", "tile_json", tile_json_read, .roles = ROLE_ANYONE},
    {HTTP_GET, "/style.json", "style", style_read, .query = style_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/style/{file}", "style_sprite", style_sprite, .roles = ROLE_ANYONE},
    {HTTP_GET, "/fonts/{fontstack}/{range}.pbf", "glyphs", glyphs_read, .roles = ROLE_ANYONE},
    {HTTP_GET, "/v1/events", "events", events_read, .query = event_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/v1/versions", "versions", versions_read, .query = version_list_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/", "page", asset_read, .roles = ROLE_ANYONE},
    {HTTP_GET, "/console/{path...}", "console", asset_read, .query = asset_keys, .roles = ROLE_ANYONE},
    /* the desk: zones, checkpoints and closures, drawn by one and approved by another */
    {HTTP_POST, "/v1/zones", "zone_create", rule_create, .query = dry_run_keys, .media_type = RULE_TYPE,
     .max_body = RULE_BODY, .roles = DRAW},
    {HTTP_POST, "/v1/zones/import", "zone_import", zone_import, .query = zone_import_keys, .media_type = UPLOAD_TYPE,
     .max_body = UPLOAD_BODY, .roles = DRAW},
    {HTTP_GET, "/v1/zones/{id}", "zone", rule_read, .query = rule_read_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/v1/zones/{id}/history", "zone_history", rule_history_read, .roles = ROLE_ANYONE},
    {HTTP_PUT, "/v1/zones/{id}", "zone_replace", rule_replace, .query = dry_run_keys, .media_type = RULE_TYPE,
     .max_body = RULE_BODY, .roles = DRAW},
    {HTTP_DELETE, "/v1/zones/{id}", "zone_delete", rule_delete, .roles = DRAW},
    {HTTP_POST, "/v1/zones/{id}/submit", "zone_submit", rule_submit, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = DRAW},
    {HTTP_POST, "/v1/zones/{id}/approve", "zone_approve", rule_approve, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = APPROVE},
    {HTTP_POST, "/v1/zones/{id}/reject", "zone_reject", rule_reject, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = APPROVE},
    {HTTP_POST, "/v1/zones/{id}/lift", "zone_lift", rule_lift, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = APPROVE},
    {HTTP_POST, "/v1/checkpoints", "checkpoint_create", rule_create, .query = dry_run_keys, .media_type = RULE_TYPE,
     .max_body = RULE_BODY, .roles = DRAW},
    {HTTP_GET, "/v1/checkpoints/{id}", "checkpoint", rule_read, .query = rule_read_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/v1/checkpoints/{id}/history", "checkpoint_history", rule_history_read, .roles = ROLE_ANYONE},
    {HTTP_PUT, "/v1/checkpoints/{id}", "checkpoint_replace", rule_replace, .query = dry_run_keys, .media_type = RULE_TYPE,
     .max_body = RULE_BODY, .roles = DRAW},
    {HTTP_DELETE, "/v1/checkpoints/{id}", "checkpoint_delete", rule_delete, .roles = DRAW},
    {HTTP_POST, "/v1/checkpoints/{id}/submit", "checkpoint_submit", rule_submit, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = DRAW},
    {HTTP_POST, "/v1/checkpoints/{id}/approve", "checkpoint_approve", rule_approve, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = APPROVE},
    {HTTP_POST, "/v1/checkpoints/{id}/reject", "checkpoint_reject", rule_reject, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = APPROVE},
    {HTTP_POST, "/v1/checkpoints/{id}/lift", "checkpoint_lift", rule_lift, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = APPROVE},
    {HTTP_POST, "/v1/closures", "closure_create", rule_create, .query = dry_run_keys, .media_type = RULE_TYPE,
     .max_body = RULE_BODY, .roles = DRAW | ROLE_OFFICER},
    {HTTP_GET, "/v1/closures/{id}", "closure", rule_read, .query = rule_read_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/v1/closures/{id}/history", "closure_history", rule_history_read, .roles = ROLE_ANYONE},
    {HTTP_PUT, "/v1/closures/{id}", "closure_replace", rule_replace, .query = dry_run_keys, .media_type = RULE_TYPE,
     .max_body = RULE_BODY, .roles = DRAW | ROLE_OFFICER},
    {HTTP_DELETE, "/v1/closures/{id}", "closure_delete", rule_delete, .roles = DRAW | ROLE_OFFICER},
    {HTTP_POST, "/v1/closures/{id}/submit", "closure_submit", rule_submit, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = DRAW | ROLE_OFFICER},
    {HTTP_POST, "/v1/closures/{id}/approve", "closure_approve", rule_approve, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = APPROVE},
    {HTTP_POST, "/v1/closures/{id}/reject", "closure_reject", rule_reject, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = APPROVE},
    {HTTP_POST, "/v1/closures/{id}/lift", "closure_lift", rule_lift, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = APPROVE},
    {HTTP_POST, "/v1/notices", "notice_create", notice_post, .media_type = JSON_TYPE, .max_body = NOTICE_BODY,
     .roles = DRAW | ROLE_OFFICER},
    {HTTP_GET, "/v1/notices/{id}", "notice", notice_get, .roles = DRAW | APPROVE | ROLE_OFFICER},
    {HTTP_POST, "/v1/notices/{id}/submit", "notice_submit", notice_submit, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = DRAW | ROLE_OFFICER},
    {HTTP_POST, "/v1/notices/{id}/approve", "notice_approve", notice_approve, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = APPROVE},
    {HTTP_POST, "/v1/notices/{id}/lift", "notice_lift", notice_lift, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = APPROVE},
    /* plans of counties and the switch */
    {HTTP_GET, "/v1/county-plans", "county_plans", counties_read, .query = county_list_keys, .roles = COUNTY_READ},
    {HTTP_POST, "/v1/county-plans", "county_plan_create", county_create, .media_type = JSON_TYPE, .max_body = MATRIX_BODY, .roles = DRAW},
    {HTTP_GET, "/v1/county-plans/{id}", "county_plan", county_plan_read, .roles = COUNTY_READ},
    {HTTP_PUT, "/v1/county-plans/{id}", "county_plan_replace", county_replace, .media_type = JSON_TYPE, .max_body = MATRIX_BODY,
     .roles = DRAW},
    {HTTP_DELETE, "/v1/county-plans/{id}", "county_plan_delete", county_delete, .roles = DRAW},
    {HTTP_POST, "/v1/county-plans/{id}/submit", "county_plan_submit", county_submit, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = DRAW},
    {HTTP_POST, "/v1/county-plans/{id}/approve", "county_plan_approve", county_approve, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = APPROVE},
    {HTTP_POST, "/v1/county-plans/{id}/reject", "county_plan_reject", county_reject, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = APPROVE},
    {HTTP_POST, "/v1/county-plans/{id}/retire", "county_plan_retire", county_retire, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = APPROVE},
    {HTTP_POST, "/v1/county-plans/{id}/drill", "county_plan_drill", county_drill, .media_type = JSON_TYPE, .max_body = WORDS_BODY,
     .roles = DRAW | APPROVE},
    {HTTP_POST, "/v1/county-plans/{id}/activate", "county_plan_activate", county_activate, .media_type = JSON_TYPE,
     .max_body = WORDS_BODY, .roles = APPROVE},
    {HTTP_POST, "/v1/county-plans/{id}/stand-down", "county_plan_stand_down", county_stand_down, .media_type = JSON_TYPE,
     .max_body = WORDS_BODY, .roles = APPROVE},
    /* registers: who, where, what kinds, which limits, which days; what is written binds with the commit */
    REGISTER("facilities", "facilities", "facility", facility_list_keys, DRAW),
    REGISTER("jurisdictions", "jurisdictions", "jurisdiction", jurisdiction_list_keys, ROLE_ADMIN),
    REGISTER("zone-classes", "zone_classes", "zone_class", zone_class_list_keys, ROLE_ADMIN),
    REGISTER("credential-types", "credential_types", "credential_type", credential_type_list_keys, ROLE_ADMIN),
    REGISTER("roads", "roads", "road", road_list_keys, DRAW),
    REGISTER("calendar", "calendar", "calendar_day", calendar_list_keys, ROLE_ADMIN),
    REGISTER("authority-rules", "authority_rules", "authority_rule", authority_list_keys, ROLE_ADMIN),
    REGISTER("toll-rates", "toll_rates", "toll_rate", toll_rate_list_keys, ROLE_ADMIN),
    /* who goes where every day: a business secret, shown to its company and its desk */
    {HTTP_GET, "/v1/lanes", "lanes", lanes_read, .query = lane_list_keys, .roles = ROLE_SIGNED_IN & ~ROLE_VIEWER},
    {HTTP_POST, "/v1/lanes", "lane_create", lane_create, .media_type = RULE_TYPE, .max_body = LANE_BODY, .roles = DRAW | ROLE_COMPANY},
    {HTTP_GET, "/v1/lanes/{id}", "lane", lane_read_one, .query = lane_read_keys, .roles = ROLE_SIGNED_IN & ~ROLE_VIEWER},
    {HTTP_GET, "/v1/lanes/{id}/history", "lane_history", lane_versions, .roles = ROLE_SIGNED_IN & ~ROLE_VIEWER},
    {HTTP_PUT, "/v1/lanes/{id}", "lane_replace", lane_replace, .media_type = RULE_TYPE, .max_body = LANE_BODY, .roles = DRAW | ROLE_COMPANY},
    {HTTP_DELETE, "/v1/lanes/{id}", "lane_delete", lane_remove, .roles = DRAW | ROLE_COMPANY},
    {HTTP_GET, "/v1/reports/quality", "quality_report", quality_report_read, .roles = DRAW | APPROVE | ROLE_OFFICER},
    {HTTP_GET, "/v1/session", "session", session_read, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/v1/audit", "audit", audit_read, .query = audit_keys, .roles = ROLE_ADMIN},
    {HTTP_GET, "/v1/audit/verify", "audit_verify", audit_verify_read, .query = audit_verify_keys, .roles = ROLE_ADMIN},
    /* files for other maps */
    {HTTP_GET, "/v1/export/{file}", "layer_export", layer_export, .query = export_layer_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/v1/plans/{id}.geojson", "plan_geojson", plan_file, .query = export_plan_keys, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/v1/plans/{id}.kml", "plan_kml", plan_file, .query = export_plan_keys, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/v1/plans/{id}.gpx", "plan_gpx", plan_file, .query = export_plan_keys, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/v1/plans/{id}.gpkg", "plan_gpkg", plan_file, .query = export_plan_keys, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/v1/plans/{id}.shp.zip", "plan_shp_zip", plan_file, .query = export_plan_keys, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/v1/plans/{id}.dxf", "plan_dxf", plan_file, .query = export_plan_keys, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/v1/plans/{id}.csv", "plan_csv", plan_file, .query = export_plan_keys, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/v1/plans/{id}.fgb", "plan_fgb", plan_file, .query = export_plan_keys, .roles = ROLE_SIGNED_IN},
    /* OGC API - Features */
    {HTTP_GET, "/ogc", "ogc_landing", ogc_landing, .query = ogc_form_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/ogc/conformance", "ogc_conformance", ogc_conformance, .query = ogc_form_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/ogc/api", "ogc_api", ogc_api, .query = ogc_form_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/ogc/collections", "ogc_collections", ogc_collections, .query = ogc_form_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/ogc/collections/{id}", "ogc_collection", ogc_collection, .query = ogc_form_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/ogc/collections/{id}/queryables", "ogc_queryables", ogc_queryables, .query = ogc_form_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/ogc/collections/{id}/items", "ogc_items", ogc_items, .query = ogc_items_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/ogc/collections/{id}/items/{fid}", "ogc_item", ogc_item, .query = ogc_item_keys, .roles = ROLE_ANYONE},
    /* OGC API - Routes */
    {HTTP_POST, "/ogc/routes", "ogc_route_compute", ogc_route_compute, .media_type = JSON_TYPE, .max_body = MATRIX_BODY, .roles = ROLE_ANYONE},
    {HTTP_GET, "/ogc/routes", "ogc_routes", ogc_routes_list, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/ogc/routes/{id}", "ogc_route", ogc_route_read, .roles = ROLE_SIGNED_IN},
    {HTTP_GET, "/ogc/routes/{id}/definition", "ogc_route_definition", ogc_route_definition, .roles = ROLE_SIGNED_IN},
    {HTTP_DELETE, "/ogc/routes/{id}", "ogc_route_delete", ogc_route_delete, .roles = ROLE_SIGNED_IN},
    /* operation */
    {HTTP_GET, "/openapi.json", "openapi", openapi_read, .roles = ROLE_ANYONE},
    {HTTP_GET, "/livez", "livez", livez_read, .roles = ROLE_ANYONE, .urgent = true},
    {HTTP_GET, "/readyz", "readyz", readyz_read, .roles = ROLE_ANYONE, .urgent = true},
    {HTTP_GET, "/metrics", "metrics", metrics_read, .roles = ROLE_ANYONE, .urgent = true},
    {HTTP_GET, "/version", "version", version_read, .roles = ROLE_ANYONE},
};

const size_t app_route_count = sizeof app_routes / sizeof *app_routes;
