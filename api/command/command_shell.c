#include "api/command/command_shell.h"

#include "api/command/command_options.h"
#include "api/process/config.h"

#include <stdio.h>
#include <string.h>

enum { PAGE_MAX = 1 << 20 };

static int print(void (*write)(struct buffer *out))
{
    struct buffer out;
    buffer_init(&out, PAGE_MAX);
    write(&out);
    bool whole = out.failed == STATUS_OK && fwrite(out.data, 1, out.length, stdout) == out.length && fflush(stdout) == 0;
    buffer_clear(&out);
    return whole ? 0 : 1;
}

int command_completion(int argc, char **argv)
{
    return argc == 2 && strcmp(argv[1], "bash") == 0 ? print(completion_write) : command_usage_print("completion");
}

int command_man(int argc, char **argv)
{
    (void)argv;
    return argc == 1 ? print(man_write) : command_usage_print("man");
}

/* ---- completion ---------------------------------------------------------------------------------------------- */

/* An option of the configuration as it is typed: with '-'. */
static void dashed(struct buffer *out, const char *name)
{
    for (; *name; name++) buffer_char(out, *name == '_' ? '-' : *name);
}

/* "a|b" as "a b". */
static void words(struct buffer *out, const char *text)
{
    for (; *text; text++) buffer_char(out, *text == '|' ? ' ' : *text);
}

static void config_options(struct buffer *out)
{
    buffer_text(out, "    local config=\"--config=");
    for (size_t i = 0; i < config_table_count; i++) {
        if (config_table[i].name == NULL) continue;
        buffer_text(out, " --");
        dashed(out, config_table[i].name);
        if (config_table[i].type != OPTION_FLAG) buffer_char(out, '=');
    }
    buffer_text(out, "\"\n");
}

/* Which words may stand after `--name=`. bash cuts words at '=', so that the name is the word before. */
static void values(struct buffer *out)
{
    buffer_text(out, "    case $name in\n");
    for (size_t c = 0; c < command_count; c++)
        for (const struct command_option *option = command_table[c].options; option->name; option++) {
            if (option->words) {
                buffer_printf(out, "    %s:--%s) COMPREPLY=($(compgen -W \"", command_table[c].name, option->name);
                words(out, option->words);
                buffer_text(out, "\" -- \"$value\")); return ;;\n");
            } else if (option->value && strcmp(option->value, "FILE") == 0) {
                buffer_printf(out, "    %s:--%s) COMPREPLY=($(compgen -f -- \"$value\")); return ;;\n", command_table[c].name,
                              option->name);
            }
        }
    for (size_t i = 0; i < config_table_count; i++) {
        if (config_table[i].name == NULL || config_table[i].type != OPTION_CHOICE) continue;
        buffer_text(out, "    *:--");
        dashed(out, config_table[i].name);
        buffer_text(out, ") COMPREPLY=($(compgen -W \"");
        words(out, config_table[i].words);
        buffer_text(out, "\" -- \"$value\")); return ;;\n");
    }
    buffer_text(out, "    *:--config|*:--snapshot|*:--pepper-file) COMPREPLY=($(compgen -f -- \"$value\")); return ;;\n    esac\n");
}

/* Words that come first after a command: `create` of key. */
static void verbs(struct buffer *out, const struct command_about *command)
{
    for (const char *form = command->forms; form; form = strchr(form, '\n') ? strchr(form, '\n') + 1 : NULL) {
        size_t length = strspn(form, "abcdefghijklmnopqrstuvwxyz|");
        if (length == 0 || (form[length] != '\0' && form[length] != ' ' && form[length] != '\n')) continue;
        buffer_char(out, ' ');
        for (size_t i = 0; i < length; i++) buffer_char(out, form[i] == '|' ? ' ' : form[i]);
    }
}

void completion_write(struct buffer *out)
{
    buffer_text(out, "# bash completion of baochang: source it, or put it into /usr/share/bash-completion/completions/baochang\n"
                     "_baochang() {\n    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
                     "    local command=${COMP_WORDS[1]} name=\"\" value=$current options=\"\"\n");
    config_options(out);
    buffer_text(out, "    COMPREPLY=()\n    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        COMPREPLY=($(compgen -W \"");
    for (size_t i = 0; i < command_count; i++) buffer_printf(out, "%s ", command_table[i].name);
    buffer_text(out, "--help --version\" -- \"$current\"))\n        return\n    fi\n"
                     "    if [ \"$current\" = \"=\" ]; then\n        name=$command:$before value=\"\"\n"
                     "    elif [ \"$before\" = \"=\" ] && [ \"$COMP_CWORD\" -ge 3 ]; then\n"
                     "        name=$command:${COMP_WORDS[COMP_CWORD-2]}\n    else\n        name=$command:$before\n    fi\n");
    values(out);
    buffer_text(out, "    case $command in\n");
    for (size_t i = 0; i < command_count; i++) {
        buffer_printf(out, "    %s) options=\"--help", command_table[i].name);
        verbs(out, &command_table[i]);
        for (const struct command_option *option = command_table[i].options; option->name; option++)
            buffer_printf(out, " --%s%s", option->name, option->value ? "=" : "");
        buffer_printf(out, "%s\" ;;\n", command_table[i].config ? " $config" : "");
    }
    buffer_text(out, "    esac\n    COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
                     "    if [ ${#COMPREPLY[@]} -eq 1 ] && [[ ${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi\n}\n"
                     "complete -o default -F _baochang baochang\n");
}

/* ---- manual --------------------------------------------------------------------------------------------------- */

/* Text of a manual: '-' that is typed, '\' that is shown, no line that begins like a request. */
static void roff(struct buffer *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '-') buffer_text(out, "\\-");
        else if (*p == '\\') buffer_text(out, "\\e");
        else if ((*p == '.' || *p == '\'') && (p == text || p[-1] == '\n')) buffer_text(out, "\\&"), buffer_char(out, *p);
        else buffer_char(out, *p);
    }
}

static void man_option(struct buffer *out, const char *name, const char *value)
{
    buffer_text(out, ".TP\n\\fB\\-\\-");
    roff(out, name);
    buffer_text(out, "\\fR");
    if (value) {
        buffer_text(out, "=\\fI");
        roff(out, value);
        buffer_text(out, "\\fR");
    }
    buffer_char(out, '\n');
}

static void man_command(struct buffer *out, const struct command_about *command)
{
    buffer_printf(out, ".SS %s\n", command->name);
    roff(out, command->en);
    buffer_text(out, ". ");
    roff(out, command->zh);
    buffer_text(out, "。\n.PP\n.nf\n");
    for (const char *form = command->forms; form;) {
        size_t length = strcspn(form, "\n");
        char line[400];
        snprintf(line, sizeof line, "baochang %s %.*s", command->name, (int)length, form);
        roff(out, line);
        buffer_char(out, '\n');
        form = form[length] ? form + length + 1 : NULL;
    }
    buffer_text(out, ".fi\n");
    for (const struct command_option *option = command->options; option->name; option++) {
        man_option(out, option->name, option->value);
        roff(out, option->en);
        buffer_text(out, option->repeats ? " (repeats). " : ". ");
        roff(out, option->zh);
        buffer_text(out, "。\n");
    }
    if (command->note_en == NULL) return;
    buffer_text(out, ".PP\n");
    roff(out, command->note_en);
    buffer_char(out, '\n');
    roff(out, command->note_zh);
    buffer_char(out, '\n');
}

static void man_config(struct buffer *out)
{
    for (size_t i = 0; i < config_table_count; i++) {
        const struct option *option = &config_table[i];
        if (option->name == NULL) {
            buffer_printf(out, ".SS %s %s\n", option->help, option->help_zh);
            continue;
        }
        char name[64] = "";
        for (size_t k = 0; option->name[k] && k + 1 < sizeof name; k++) name[k] = option->name[k] == '_' ? '-' : option->name[k];
        const char *value = option->type == OPTION_FLAG ? NULL : option->words ? option->words : *option->unit ? option->unit : "TEXT";
        man_option(out, name, value);
        roff(out, option->help);
        if (option->fallback && *option->fallback) {
            buffer_text(out, " Default: ");
            roff(out, option->fallback);
            buffer_char(out, '.');
        }
        buffer_char(out, '\n');
        roff(out, option->help_zh);
        buffer_text(out, "。\n");
    }
}

void man_write(struct buffer *out)
{
    buffer_printf(out, ".\\\" made by `baochang man`\n.TH BAOCHANG 1 \"\" \"baochang %s\" \"\"\n.ad l\n.nh\n", BAOCHANG_VERSION);
    buffer_text(out, ".SH NAME\nbaochang \\- routes that keep freight moving when roads are restricted 保畅：管制条件下的货运通行规划\n"
                     ".SH SYNOPSIS\n\\fBbaochang\\fR \\fICOMMAND\\fR [\\fB\\-\\-option\\fR=\\fIvalue\\fR ...]\n"
                     ".SH COMMANDS\n");
    for (size_t i = 0; i < command_count; i++) man_command(out, &command_table[i]);
    buffer_text(out, ".SH CONFIGURATION\nFor the commands that reach the database or serve. A value comes from, later ones winning: the "
                     "default, the file (\\fB\\-\\-config\\fR=\\fIFILE\\fR or \\fBBAOCHANG_CONFIG\\fR), the environment "
                     "(\\fBBAOCHANG_PORT\\fR), the command line (\\fB\\-\\-port\\fR=\\fI8081\\fR).\n");
    man_config(out);
    buffer_text(out, ".SH EXAMPLES\n.nf\nbaochang route \\-\\-from 南召 \\-\\-to 唐河 \\-\\-vehicle truck_6_axle \\-\\-loop\n"
                     "baochang route \\-\\-from 112.43,33.49 \\-\\-to 112.83,32.69 \\-\\-pdf plan.pdf\n.fi\n");
}
