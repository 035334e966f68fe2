#include "words.h"

#include <stdio.h>
#include <string.h>

enum { HAN_BYTES = 3 };

static const char first_characters[] = "云栖溪望临澜逸晟睿朗卓恒谦瀚宸祥锦泓坤瑾臻沐霖璟煦钧悦铭";
static const char second_characters[] = "涵川舟禾岚谷丰衡澍森源霁笙芮启拓达驰汇创联信诚峻澄原";
static const char *const trades_of_companies[] = {
    "科技",     "信息技术", "网络", "商贸", "餐饮管理", "物业服务", "建筑工程", "装饰设计",
    "文化传媒", "茶业",     "物流", "家政", "教育咨询", "医疗器械", "汽车服务", "环境工程",
};
static const char place_first[] = "文翠古松竹梅兰桂枫荷莲湖溪塘桥浦墩蒋龙凤金银玉云天益华政嘉丰";
static const char place_second[] = "苑荡新庆园里坞墅湾坪岭畈埠汀洲渚台阁庄屯景和乐安宁康泰祥";

static size_t han_count(const char *table) {
    return strlen(table) / HAN_BYTES;
}

static void add_han(char *text, size_t capacity, const char *table, size_t index) {
    size_t size = strlen(text);
    if (size + HAN_BYTES < capacity) {
        memcpy(text + size, table + index % han_count(table) * HAN_BYTES, HAN_BYTES);
        text[size + HAN_BYTES] = '\0';
    }
}

void jl_company_name(uint32_t number, const char *nature, char *out_name, size_t capacity) {
    size_t trades = sizeof trades_of_companies / sizeof *trades_of_companies;
    size_t first = han_count(first_characters);
    size_t second = han_count(second_characters);
    size_t round = first * second * first;
    /* 7919 has no factor in common with the round: neighbours don't look alike, none comes twice.
     */
    size_t at = number % round * 7919 % round;
    char brand[16] = "";
    add_han(brand, sizeof brand, first_characters, at);
    add_han(brand, sizeof brand, second_characters, at / first);
    add_han(brand, sizeof brand, first_characters, at / first / second);
    if (number >= round) {
        add_han(brand, sizeof brand, second_characters, number / round);
    }
    const char *trade = trades_of_companies[number % trades];
    if (strcmp(nature, "事业单位") == 0) {
        (void)snprintf(out_name, capacity, "杭州市西湖区%s服务中心", brand);
    } else if (strcmp(nature, "机关") == 0) {
        (void)snprintf(out_name, capacity, "西湖区%s管理办公室", brand);
    } else if (strcmp(nature, "社会组织") == 0) {
        (void)snprintf(out_name, capacity, "西湖区%s社会工作服务社", brand);
    } else {
        (void)snprintf(out_name, capacity, "杭州%s%s有限公司", brand, trade);
    }
}

void jl_place_name(size_t number, char *out_name, size_t capacity) {
    size_t first = han_count(place_first);
    size_t second = han_count(place_second);
    out_name[0] = '\0';
    add_han(out_name, capacity, place_first, number);
    add_han(out_name, capacity, place_second, number / first + number % first);
    if (number >= first * second) {
        add_han(out_name, capacity, place_first, number / (first * second));
    }
}

const char *jl_industry(struct jl_rng *rng) {
    static const char *const labels[] = {
        "制造业",
        "建筑业",
        "批发和零售业",
        "批发和零售业",
        "交通运输、仓储和邮政业",
        "住宿和餐饮业",
        "信息传输、软件和信息技术服务业",
        "信息传输、软件和信息技术服务业",
        "金融业",
        "房地产业",
        "租赁和商务服务业",
        "科学研究和技术服务业",
        "居民服务、修理和其他服务业",
        "教育",
        "卫生和社会工作",
        "文化、体育和娱乐业",
    };
    return labels[jl_rng_below(rng, sizeof labels / sizeof *labels)];
}

const char *jl_trade(struct jl_rng *rng) {
    static const char *const labels[] = {"工程师", "行政", "客服",   "财务", "操作工", "电工",
                                         "焊工",   "司机", "厨师",   "保洁", "保安",   "教师",
                                         "护士",   "销售", "采茶工", "仓管", "设计师", "程序员"};
    return labels[jl_rng_below(rng, sizeof labels / sizeof *labels)];
}
