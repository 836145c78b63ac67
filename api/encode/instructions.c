#include "api/encode/instructions.h"

#include <string.h>

const char *road_class_en(enum road_class class)
{
    static const char *const names[ROAD_CLASS_COUNT] = {
        [ROAD_MOTORWAY] = "the expressway",      [ROAD_MOTORWAY_LINK] = "the expressway ramp",
        [ROAD_TRUNK] = "the national highway",   [ROAD_TRUNK_LINK] = "the national highway's link",
        [ROAD_PRIMARY] = "the provincial road",  [ROAD_PRIMARY_LINK] = "the provincial road's link",
        [ROAD_SECONDARY] = "the county road",    [ROAD_SECONDARY_LINK] = "the county road's link",
        [ROAD_TERTIARY] = "the township road",   [ROAD_TERTIARY_LINK] = "the township road's link",
        [ROAD_UNCLASSIFIED] = "the minor road",  [ROAD_RESIDENTIAL] = "the street",
        [ROAD_LIVING_STREET] = "the quiet street", [ROAD_SERVICE] = "the service road",
        [ROAD_TRACK] = "the track",              [ROAD_FERRY] = "the ferry",
    };
    return (unsigned)class < ROAD_CLASS_COUNT ? names[class] : "the road";
}

const char *road_label(const struct network *n, road_index road, enum language language)
{
    if (road >= n->road_count) return language == LANGUAGE_EN ? "the road" : "道路";
    const char *ref = network_road_ref(n, road);
    if (ref[0]) return ref;
    const char *name = network_road_name(n, road);
    if (name[0]) return name;
    enum road_class class = (enum road_class)n->road_class[road];
    return language == LANGUAGE_EN ? road_class_en(class) : road_class_zh(class);
}

/* The number and, beside it, the name where there are both. */
static void write_road(struct buffer *out, const struct network *n, road_index road, enum language language)
{
    buffer_text(out, road_label(n, road, language));
    if (road >= n->road_count) return;
    const char *ref = network_road_ref(n, road), *name = network_road_name(n, road);
    if (ref[0] == '\0' || name[0] == '\0' || strcmp(ref, name) == 0) return;
    if (language == LANGUAGE_EN) buffer_text(out, " ("), buffer_text(out, name), buffer_char(out, ')');
    else buffer_text(out, "（"), buffer_text(out, name), buffer_text(out, "）");
}

/* Compass words for the first step. */
static const char *heading(int bearing_deg, enum language language)
{
    static const char *const words[8][2] = {{"北", "north"}, {"东北", "northeast"}, {"东", "east"}, {"东南", "southeast"},
                                            {"南", "south"}, {"西南", "southwest"}, {"西", "west"}, {"西北", "northwest"}};
    int sector = ((bearing_deg % 360 + 360) % 360 * 2 + 45) / 90 % 8;
    return words[sector][language == LANGUAGE_EN];
}

static void write_gate(struct buffer *out, const struct view *view, const struct leg *leg, const struct step *step,
                       enum language language)
{
    const char *name = "";
    bool enter = true;
    if (step->gate < leg->gate_count) {
        const struct gate_passage *gate = &leg->gates[step->gate];
        name = view->rules->input->checkpoints[gate->checkpoint].name;
        enter = gate->direction == GATE_ENTER;
    }
    if (language == LANGUAGE_EN) {
        buffer_text(out, "Pass the checkpoint "), buffer_text(out, name);
        buffer_text(out, enter ? " into the controlled area" : " out of the controlled area");
    } else {
        buffer_text(out, "经检查点“"), buffer_text(out, name);
        buffer_text(out, enter ? "”驶入管控区" : "”驶出管控区");
    }
}

void instruction_write(struct buffer *out, const struct view *view, const struct leg *leg, const struct step *step,
                       enum language language)
{
    /* before the road's name; the English ones end in a blank where a name follows */
    static const char *const texts[][2] = {
        [MANEUVER_DEPART] = {"沿 ", "Head "},
        [MANEUVER_CONTINUE] = {"继续沿 ", "Continue on "},
        [MANEUVER_SLIGHT_RIGHT] = {"向右前方行驶，进入 ", "Bear right onto "},
        [MANEUVER_RIGHT] = {"右转，进入 ", "Turn right onto "},
        [MANEUVER_SHARP_RIGHT] = {"向右后方转弯，进入 ", "Turn sharp right onto "},
        [MANEUVER_UTURN] = {"掉头，驶入 ", "Make a U-turn onto "},
        [MANEUVER_SHARP_LEFT] = {"向左后方转弯，进入 ", "Turn sharp left onto "},
        [MANEUVER_LEFT] = {"左转，进入 ", "Turn left onto "},
        [MANEUVER_SLIGHT_LEFT] = {"向左前方行驶，进入 ", "Bear left onto "},
        [MANEUVER_ROUNDABOUT] = {"进入环岛，驶向 ", "Enter the roundabout towards "},
        [MANEUVER_MERGE] = {"汇入 ", "Merge onto "},
        [MANEUVER_OFF_RAMP] = {"驶出主路，进入 ", "Take the exit onto "},
        [MANEUVER_GATE] = {"", ""},
        [MANEUVER_ARRIVE] = {"到达", "Arrive"},
    };
    const struct network *n = &view->base->network;
    if (step->maneuver == MANEUVER_GATE) {
        write_gate(out, view, leg, step, language);
        return;
    }
    buffer_text(out, texts[step->maneuver][language == LANGUAGE_EN]);
    if (step->maneuver == MANEUVER_ARRIVE) return;
    if (step->maneuver == MANEUVER_DEPART) {
        if (language == LANGUAGE_EN) {
            buffer_text(out, heading(step->bearing_after_deg, language)), buffer_text(out, " on ");
            write_road(out, n, step->road, language);
        } else {
            write_road(out, n, step->road, language);
            buffer_text(out, " 向"), buffer_text(out, heading(step->bearing_after_deg, language));
            buffer_text(out, "行驶");
        }
        return;
    }
    write_road(out, n, step->road, language);
    if (step->maneuver == MANEUVER_CONTINUE && language != LANGUAGE_EN) buffer_text(out, " 行驶");
}
