#include "messages.h"

#include "text.h"

#include "jielian/base/utf8.h"

#include <string.h>

struct sentence {
    enum jl_severity severity;
    const char *zh;
    const char *en;
};

#define ERROR JL_PROBLEM_ERROR
#define WARNING JL_PROBLEM_WARNING

static const struct sentence sentences[JL_SAY_COUNT] = {
    [JL_SAY_REQUIRED] = {ERROR, "请填写{f}。", "Please fill in {f}."},
    [JL_SAY_WRONG_KIND] = {ERROR, "{f}的数据格式不对，请重新填写。",
                           "{f} holds the wrong kind of data; please enter it again."},
    [JL_SAY_NOT_TEXT] = {ERROR, "{f}里有乱码，可能是文件编码不对；请另存为 UTF-8 再试。",
                         "{f} is not readable text; save the file as UTF-8 and try again."},
    [JL_SAY_TEXT_EMPTY] = {ERROR, "{f}只有空白，请填写内容或清空。",
                           "{f} is blank; enter something or clear it."},
    [JL_SAY_TEXT_LONG] = {ERROR, "{f}太长，最多约{a}个汉字，请缩短。",
                          "{f} is too long, at most about {a} Chinese characters; please shorten."},
    [JL_SAY_SCIENTIFIC] = {ERROR,
                           "{f}是表格的科学记数法，可能已丢失数位；请把这一列设为文本或数值格式，"
                           "再填写完整的数字。",
                           "{f} is in scientific notation and may have lost digits; format the "
                           "column as text or number and enter the whole number."},
    [JL_SAY_NOT_INT] = {ERROR, "{f}应是整数，看不懂{v}；请只写数字，例如 120。",
                        "{f} must be a whole number, not {v}; write digits only, e.g. 120."},
    [JL_SAY_NOT_WHOLE] = {ERROR, "{f}应是整数，{v}带有小数；请改为整数。",
                          "{f} must be a whole number, {v} has decimals; please correct."},
    [JL_SAY_NOT_MONEY] = {ERROR, "{f}应是金额，看不懂{v}；请写成 1200.50 或 1.5万元。",
                          "{f} must be an amount, not {v}; write 1200.50 or 1.5万元."},
    [JL_SAY_MONEY_FINE] = {ERROR, "{f}最多精确到分，{v}的小数太多；请改为两位小数。",
                           "{f} has at most two decimals, {v} has more; please correct."},
    [JL_SAY_NUMBER_LARGE] = {ERROR, "{f}的数字太大，{v}超出范围；请核对单位。",
                             "{f} is too large, {v} is out of range; please check the unit."},
    [JL_SAY_NUMBER_LOW] = {ERROR, "{f}不能小于 {a}，请核对。",
                           "{f} must not be less than {a}; please check."},
    [JL_SAY_NUMBER_HIGH] = {ERROR, "{f}不能大于 {a}，请核对。",
                            "{f} must not be more than {a}; please check."},
    [JL_SAY_NOT_DATE] = {ERROR, "{f}应是日期，看不懂{v}；请写成 2021-01-05。",
                         "{f} must be a date, not {v}; write 2021-01-05."},
    [JL_SAY_DATE_ORDER] = {ERROR, "{f}的年月日分不清，{v}有几种读法；请写成 2021-01-05。",
                           "{f} is unclear, {v} can be read in several ways; write 2021-01-05."},
    [JL_SAY_DATE_NO_DAY] = {ERROR, "{f}缺少日，{v}不完整；请写成 2021-01-05。",
                            "{f} has no day, {v} is not complete; write 2021-01-05."},
    [JL_SAY_DATE_NO_YEAR] = {ERROR, "{f}的年份要写四位，{v}分不清；请写成 2021-01-05。",
                             "{f} needs a year of four digits, {v} is unclear; write 2021-01-05."},
    [JL_SAY_DATE_ABSENT] = {ERROR, "{f}这一天不存在，{v}有误；请核对月和日。",
                            "{f} is no day of the calendar, {v} is wrong; check month and day."},
    [JL_SAY_DATE_EARLY] = {ERROR, "{f}不能早于 {a}，请核对年份。",
                           "{f} must not be before {a}; please check the year."},
    [JL_SAY_DATE_FUTURE] = {ERROR, "{f}不能晚于今天（{a}），请核对。",
                            "{f} must not be after today ({a}); please check."},
    [JL_SAY_DATE_FAR] = {ERROR, "{f}不能晚于 {a}，请核对年份。",
                         "{f} must not be after {a}; please check the year."},
    [JL_SAY_NOT_MONDAY] = {ERROR, "{f}应是星期一；那一周请写 {a}。",
                           "{f} must be a Monday; for that week write {a}."},
    [JL_SAY_NOT_MONTH] = {ERROR, "{f}应是月份，看不懂{v}；请写成 2021-01。",
                          "{f} must be a month, not {v}; write 2021-01."},
    [JL_SAY_MONTH_TENTH] =
        {ERROR, "{f}分不清是 1 月还是 10 月，{v}有两种读法；请写成 2021-01 或 2021-10。",
         "{f} is unclear, {v} may be January or October; write 2021-01 or 2021-10."},
    [JL_SAY_MONTH_DAY] = {ERROR, "{f}只要月份，{v}是某一天；请写成 2021-01。",
                          "{f} must be a month, {v} is a day; write 2021-01."},
    [JL_SAY_NOT_BOOL] = {ERROR, "{f}应是“是”或“否”，看不懂{v}。",
                         "{f} must be yes or no, not {v}."},
    [JL_SAY_CODE_NEAREST] = {ERROR, "{f}里没有{v}；最接近的是：{a}。",
                             "{f} has no entry {v}; the nearest are: {a}."},
    [JL_SAY_CODE_CHOICE] = {ERROR, "{f}里没有{v}；可以填：{a}。",
                            "{f} has no entry {v}; choose one of: {a}."},
    [JL_SAY_CODE_NUMBER] = {ERROR, "{f}的代码 {a} 不在目录里；请重新选择，或先更新目录。",
                            "{f}: the catalogue has no code {a}; choose again or update the "
                            "catalogue."},
    [JL_SAY_NOT_REF] = {ERROR, "{f}应是记录编号（36 位），看不懂{v}；请从列表中选择。",
                        "{f} must be a record id (36 characters), not {v}; choose from the list."},
    [JL_SAY_NAME_SHORT] = {ERROR, "{f}至少 {a} 个字，请填写全名。",
                           "{f} needs at least {a} characters; enter the full name."},
    [JL_SAY_NAME_LONG] = {ERROR, "{f}最多 {a} 个字，请核对。",
                          "{f} has at most {a} characters; please check."},
    [JL_SAY_NAME_SIGN] = {ERROR, "{f}里不能有“{a}”，请只写姓名。",
                          "{f} must not contain “{a}”; enter the name only."},
    [JL_SAY_NAME_PRIVATE] = {ERROR,
                             "{f}里有旧系统的造字，别处显示不出来；请用输入法重新输入这个字。",
                             "{f} has a private character of an old system that others can't see; "
                             "please type it again."},
    [JL_SAY_NAME_DOT] = {ERROR, "{f}的间隔号“·”只能放在两个字之间，请核对。",
                         "{f}: the dot “·” stands between two characters only; please check."},
    [JL_SAY_NAME_LATIN] = {WARNING, "{f}不是汉字，请与证件核对。",
                           "{f} is not in Chinese characters; please compare with the document."},
    [JL_SAY_ID_LENGTH] = {ERROR, "{f}应是 18 位，现在是 {a} 位，请逐位核对。",
                          "{f} must have 18 characters, not {a}; please check each one."},
    [JL_SAY_ID_OLD] = {ERROR, "{f}是 15 位的旧号码，请填写 18 位的新号码。",
                       "{f} is an old number of 15 digits; enter the one of 18."},
    [JL_SAY_ID_SIGNS] = {ERROR, "{f}只能是 17 位数字加一位数字或 X，请逐位核对。",
                         "{f} must be 17 digits and a digit or X; please check each one."},
    [JL_SAY_ID_DATE] = {ERROR, "{f}里的出生日期（第 7 到 14 位）不对，请逐位核对。",
                        "{f}: the birth date in it (digits 7 to 14) is wrong; please check."},
    [JL_SAY_ID_CHECK] = {ERROR, "{f}的校验码不对，多半是写错了一位或两位颠倒，请逐位核对。",
                         "{f}: the check digit does not fit, often one wrong or two swapped "
                         "digits; please check each one."},
    [JL_SAY_ID_ROUNDED] = {ERROR,
                           "{f}在表格里被存成了数字，末尾几位已丢失；请把这一列设为文本格式，再填写"
                           "完整号码。",
                           "{f} was stored as a number in the spreadsheet and lost its last "
                           "digits; format the column as text and enter it again."},
    [JL_SAY_ID_AREA] = {WARNING, "{f}的地区码（前两位）不常见，请核对。",
                        "{f}: the area code (first two digits) is unknown; please check."},
    [JL_SAY_ID_AGE] = {WARNING, "按{f}推算，年龄不在 16 到 70 岁之间，请核对。",
                       "By {f} the age is outside 16 to 70; please check."},
    [JL_SAY_ID_SEX] = {WARNING, "{a}与{f}不一致，请核对。",
                       "{a} does not agree with {f}; please check."},
    [JL_SAY_ID_BIRTH] = {WARNING, "{a}与{f}不一致，请核对。",
                         "{a} does not agree with {f}; please check."},
    [JL_SAY_PERMIT_LENGTH] = {ERROR, "{f}应是 5 到 20 位字母或数字，请核对。",
                              "{f} must be 5 to 20 letters or digits; please check."},
    [JL_SAY_USCC_LENGTH] = {ERROR, "{f}应是 18 位，现在是 {a} 位，请逐位核对。",
                            "{f} must have 18 characters, not {a}; please check each one."},
    [JL_SAY_USCC_SIGN] = {ERROR, "{f}里不能有“{a}”（没有字母 I O S V Z），请逐位核对。",
                          "{f} must not contain “{a}” (nor I O S V Z); please check each one."},
    [JL_SAY_USCC_CHECK] = {ERROR, "{f}的校验码不对，多半是写错了一位，请逐位核对。",
                           "{f}: the check character does not fit; please check each one."},
    [JL_SAY_USCC_ORG] = {ERROR, "工会的{f}以 81 开头，请核对是否填成了单位的代码。",
                         "{f} of a trade union starts with 81; perhaps it is the employer's code."},
    [JL_SAY_PHONE] = {ERROR, "{f}应是一个 11 位手机号，或带区号的座机号，请核对。",
                      "{f} must be one mobile number of 11 digits or a landline with area code; "
                      "please check."},
    [JL_SAY_PAIR] = {ERROR, "{f}不能大于{a}，请核对。",
                     "{f} must not be more than {a}; please check."},
    [JL_SAY_TRANSFER_SAME] = {ERROR, "{f}和{a}是同一个镇街，不需要转会，请核对。",
                              "{f} and {a} are the same office: nothing to transfer; please "
                              "check."},
    [JL_SAY_TRANSFER_FIXED] = {ERROR, "申请后{f}不能改；请撤回这次转会，重新申请。",
                               "{f} can't be changed any more; withdraw this transfer and ask "
                               "anew."},
    [JL_SAY_CATALOGUE] = {ERROR, "{a}，请核对。", "{a}; please check."},
    [JL_SAY_FLOW_START] = {ERROR, "新建时{f}不能是“{a}”；可以是：{b}。",
                           "{f} can't start as “{a}”; it may be: {b}."},
    [JL_SAY_FLOW_DISTRICTS] =
        {ERROR,
         "新建时{f}不能是“{a}”，这要由区总工会来定（补录旧账请先由区总工会开通）；可以是：{b}。",
         "{f} can't start as “{a}”, which the district decides (it can give leave to enter old "
         "books); it may be: {b}."},
    [JL_SAY_FLOW_MOVE] = {ERROR, "{f}不能从“{a}”改为“{b}”；现在可以改为：{c}。",
                          "{f} can't go from “{a}” to “{b}”; it may go to: {c}."},
    [JL_SAY_FLOW_END] = {ERROR, "{f}不能从“{a}”改为“{b}”；“{a}”在这里已不能再改。",
                         "{f} can't go from “{a}” to “{b}”; there is no further step here from "
                         "“{a}”."},
    [JL_SAY_FLOW_WHO] = {ERROR, "{f}从“{a}”改为“{b}”要由{c}来做。",
                         "{f} goes from “{a}” to “{b}” only by {c}."},
    [JL_SAY_FLOW_CLEARED] = {ERROR, "{f}不能清空；现在是“{a}”，可以改为：{c}。",
                             "{f} can't be cleared; it is “{a}” and may go to: {c}."},
    [JL_SAY_ROW_LARGE] = {ERROR, "{f}等各项加起来太长，整条记录最多约 30 万个汉字，请缩短。",
                          "{f} and the other fields are too long together, a record holds about "
                          "300,000 characters; please shorten it."},
};

#undef ERROR
#undef WARNING

enum { QUOTED_CHARACTERS = 24 };

const char *jl_label_text(const struct jl_label *label, enum jl_language language) {
    if (language == JL_LANGUAGE_EN && label->en != NULL && label->en[0] != '\0') {
        return label->en;
    }
    return label->zh != NULL ? label->zh : "";
}

/* The sentence grows here; what does not fit is cut at a character by jl_problem_add. */
struct line {
    char text[2 * JL_PROBLEM_TEXT_BYTES];
    size_t size;
};

static void line_put(struct line *line, const void *data, size_t size) {
    size_t room = sizeof line->text - 1 - line->size;
    size = size < room ? size : room;
    if (size > 0) {
        memcpy(line->text + line->size, data, size);
        line->size += size;
    }
}

static void line_put_text(struct line *line, const char *text) {
    if (text != NULL) {
        line_put(line, text, strlen(text));
    }
}

static void line_put_value(struct line *line, const struct jl_say *say, enum jl_language language) {
    if (say->value.size == 0 || say->field == NULL || say->field->sensitive ||
        !jl_utf8_valid(say->value)) {
        line_put_text(line, language == JL_LANGUAGE_EN ? "what was written" : "填写的内容");
        return;
    }
    struct jl_bytes rest = say->value;
    uint32_t code_point = 0;
    size_t count = 0;
    while (count < QUOTED_CHARACTERS && jl_utf8_next(&rest, &code_point)) {
        count++;
    }
    line_put_text(line, "“");
    line_put(line, say->value.data, say->value.size - rest.size);
    line_put_text(line, rest.size > 0 ? "…”" : "”");
}

static void line_put_place(struct line *line, char place, const struct jl_say *say,
                           enum jl_language language) {
    switch (place) {
    case 'f':
        line_put_text(line, say->field == NULL ? "" : jl_label_text(&say->field->label, language));
        break;
    case 'v':
        line_put_value(line, say, language);
        break;
    case 'a':
        line_put_text(line, say->a);
        break;
    case 'b':
        line_put_text(line, say->b);
        break;
    default:
        line_put_text(line, say->c);
        break;
    }
}

void jl_say(const struct jl_check_context *context, struct jl_problems *problems,
            const struct jl_say *say) {
    const struct sentence *sentence = &sentences[say->message];
    const char *at = context->language == JL_LANGUAGE_EN ? sentence->en : sentence->zh;
    struct line line = {.size = 0};
    while (*at != '\0') {
        if (at[0] == '{' && at[1] != '\0' && at[2] == '}') {
            line_put_place(&line, at[1], say, context->language);
            at += 3;
            continue;
        }
        line_put(&line, at, 1);
        at++;
    }
    line.text[line.size] = '\0';
    enum jl_severity severity = say->soften ? JL_PROBLEM_WARNING : sentence->severity;
    jl_problem_add(problems, severity, say->field == NULL ? 0 : say->field->number, "%s",
                   line.text);
}

void jl_say_field(const struct jl_check_context *context, struct jl_problems *problems,
                  const struct jl_field *field, enum jl_message message) {
    struct jl_say say = {.message = message, .field = field};
    jl_say(context, problems, &say);
}

void jl_say_value(const struct jl_check_context *context, struct jl_problems *problems,
                  const struct jl_field *field, enum jl_message message, struct jl_bytes value) {
    struct jl_say say = {.message = message, .field = field, .value = value};
    jl_say(context, problems, &say);
}
