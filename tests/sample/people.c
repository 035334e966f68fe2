/* Tables of words and check digits.
 *
 *   ID number (GB 11643)   990106 yyyymmdd sss c    sss odd for men, even for women
 *   credit code (GB 32100) kk 990106 oooooooo o c   o: organisation code (GB 11714) with its own
 * check
 */
#include "people.h"

#include "jielian/base/clock.h"
#include "jielian/base/date.h"

#include <stdio.h>
#include <string.h>

enum { HAN_BYTES = 3 }; /* of one character of the tables below, in UTF-8 */

/* Common first, so that a low draw is likelier to be common. */
static const char surnames[] = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖"
                               "田董袁潘于蒋蔡余杜叶程苏魏吕丁"
                               "任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙"
                               "史陶黎贺顾毛郝龚邵万钱严覃武戴"
                               "莫孔向汤单葛俞章柯查仇翁褚竺楼厉";
static const char *const long_surnames[] = {"欧阳", "上官", "诸葛", "司徒", "令狐", "皇甫"};
static const char men_characters[] =
    "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆毅峰龙建国庆东海林志成永康家宁文博子轩一鸣"
    "天佑春生德良少卿";
static const char women_characters[] =
    "芳娜敏静丽艳娟霞秀英玲桂兰燕红梅琳洁云莉丹萍颖雪婷倩璐瑶晶欣怡佳慧雯诗涵梦琪雨桐思语若曦晓"
    "彤淑珍美华";
/* Kept apart from the tables above: who has two of these is nobody else's namesake. */
static const char rare_first[] = "懋濂崧翊绍赓廷蔚铉笃谌珩镝昶彧";
static const char rare_second[] = "瀚弢祎骧琮翀砺韬衡恺峤淞澔煜";

/* Names that programs get wrong: beyond the basic plane, extension A, rare readings. */
static const char *const hard_names[] = {"葛曾䮌",  "𠮷野", "曾单䶮", "区㛃",
                                         "赵𬍛", "仇𫖯", "查镕㭎"};
static const struct {
    const char *name;
    const char *nation;
    bool woman;
} dotted_names[] = {
    {"古丽米热·艾比布力", "维吾尔族", true},
    {"阿卜杜热合曼·麦麦提", "维吾尔族", false},
    {"帕提古丽·吐尔逊", "维吾尔族", true},
    {"叶尔肯·别克", "哈萨克族", false},
    {"阿依努尔·哈力克", "哈萨克族", true},
    {"尼玛·次仁多吉", "藏族", false},
    {"沙马·阿依", "彝族", true},
    {"巴特尔·乌云", "蒙古族", false},
};
static const char *const other_nations[] = {"畲族", "回族", "苗族", "土家族",
                                            "壮族", "满族", "侗族"};

void jl_people_init(struct jl_people *people, uint64_t seed) {
    memset(people, 0, sizeof *people);
    people->offset = (uint32_t)(seed * 2654435761U % 9973U);
}

static void add_han(char *name, const char *table, size_t index) {
    size_t size = strlen(name);
    memcpy(name + size, table + index * HAN_BYTES, HAN_BYTES);
    name[size + HAN_BYTES] = '\0';
}

static uint32_t han_count(const char *table) {
    return (uint32_t)(strlen(table) / HAN_BYTES);
}

static void add_surname(struct jl_rng *rng, char *name) {
    if (jl_rng_chance(rng, 8)) {
        strcpy(name, long_surnames[jl_rng_below(rng, 6)]);
        return;
    }
    uint32_t count = han_count(surnames);
    uint32_t a = jl_rng_below(rng, count);
    uint32_t b = jl_rng_below(rng, count);
    add_han(name, surnames, a * b / count);
}

void jl_name_make(struct jl_rng *rng, bool woman, char *out_name) {
    out_name[0] = '\0';
    if (jl_rng_chance(rng, 1)) {
        strcpy(out_name, hard_names[jl_rng_below(rng, sizeof hard_names / sizeof *hard_names)]);
        return;
    }
    const char *table = woman ? women_characters : men_characters;
    uint32_t count = han_count(table);
    add_surname(rng, out_name);
    add_han(out_name, table, jl_rng_below(rng, count));
    if (jl_rng_chance(rng, 780)) {
        add_han(out_name, table, jl_rng_below(rng, count));
    }
}

void jl_name_make_unique(struct jl_people *people, char *out_name) {
    uint32_t index = people->heads++;
    uint32_t first = han_count(rare_first);
    uint32_t second = han_count(rare_second);
    out_name[0] = '\0';
    add_han(out_name, surnames, index / (first * second) % han_count(surnames));
    add_han(out_name, rare_first, index % first);
    add_han(out_name, rare_second, index / first % second);
}

static char id_check(const char *digits) {
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (int i = 0; i < 17; i++) {
        sum += (digits[i] - '0') * weights[i];
    }
    return "10X98765432"[sum % 11];
}

/* The next free number of that sex on the day, or on the first day after it that has one. */
static void make_id_no(struct jl_people *people, int64_t day, struct jl_person *person) {
    int64_t first = jl_date_to_days(JL_BIRTH_FIRST);
    int64_t days = jl_date_to_days(JL_BIRTH_LAST) - first + 1;
    while (people->sequence[person->woman][day] >= 499) {
        day = (day + 1) % days;
    }
    unsigned taken = people->sequence[person->woman][day]++;
    unsigned sequence = taken * 2 + (person->woman ? 2 : 1);
    person->birth = (int32_t)jl_date_from_days(first + day);
    (void)snprintf(person->id_no, sizeof person->id_no, "990106%08d%03u", person->birth,
                   sequence % 1000);
    person->id_no[17] = id_check(person->id_no);
    person->id_no[18] = '\0';
}

void jl_person_make(struct jl_people *people, struct jl_rng *rng, struct jl_person *out_person) {
    uint32_t days =
        (uint32_t)(jl_date_to_days(JL_BIRTH_LAST) - jl_date_to_days(JL_BIRTH_FIRST) + 1);
    out_person->woman = jl_rng_chance(rng, 446);
    out_person->nation = "汉族";
    if (jl_rng_chance(rng, 4)) {
        size_t i = jl_rng_below(rng, sizeof dotted_names / sizeof *dotted_names);
        strcpy(out_person->name, dotted_names[i].name);
        out_person->nation = dotted_names[i].nation;
        out_person->woman = dotted_names[i].woman;
    } else {
        jl_name_make(rng, out_person->woman, out_person->name);
        if (jl_rng_chance(rng, 24)) {
            size_t count = sizeof other_nations / sizeof *other_nations;
            out_person->nation = other_nations[jl_rng_below(rng, (uint32_t)count)];
        }
    }
    /* The mean of two draws: more people in the middle of working life than at its ends. */
    int64_t day = ((int64_t)jl_rng_below(rng, days) + jl_rng_below(rng, days)) / 2;
    make_id_no(people, day, out_person);
}

void jl_phone_make(struct jl_people *people, bool of_member, char *out_phone) {
    uint32_t count = of_member ? people->member_phones++ : people->phones++;
    /* 7919 has no factor in common with 10,000: each number comes once a round. */
    uint32_t number = (count * UINT32_C(7919) + people->offset) % 10000;
    (void)snprintf(out_phone, JL_PHONE_BYTES, "1990000%04u", number);
}

static const char code_alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY"; /* GB 32100 */

static char organisation_check(const char *code) {
    static const int weights[8] = {3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (int i = 0; i < 8; i++) {
        int value = code[i] <= '9' ? code[i] - '0' : code[i] - 'A' + 10;
        sum += value * weights[i];
    }
    return "0X987654321"[sum % 11];
}

static char uscc_check(const char *code) {
    unsigned sum = 0;
    unsigned weight = 1; /* 3^i mod 31 */
    for (int i = 0; i < 17; i++) {
        sum += (unsigned)(strchr(code_alphabet, code[i]) - code_alphabet) * weight;
        weight = weight * 3 % 31;
    }
    return code_alphabet[(31 - sum % 31) % 31];
}

void jl_uscc_make(struct jl_people *people, const char *kind, char *out_uscc) {
    bool of_union = strcmp(kind, "81") == 0;
    uint64_t count = of_union ? people->union_codes++ : people->codes++;
    /* 48271 has no factor in common with 31^6: no code comes twice. */
    uint64_t serial = (count + people->offset) * 48271 % UINT64_C(887503681);
    (void)snprintf(out_uscc, JL_USCC_BYTES, "%s990106MA", kind);
    for (int i = 10; i < 16; i++) {
        out_uscc[i] = code_alphabet[serial % 31];
        serial /= 31;
    }
    out_uscc[16] = organisation_check(out_uscc + 8);
    out_uscc[17] = uscc_check(out_uscc);
    out_uscc[18] = '\0';
}
