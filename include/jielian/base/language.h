/* The languages in which people are spoken to: the one list of them. */
#ifndef JIELIAN_BASE_LANGUAGE_H
#define JIELIAN_BASE_LANGUAGE_H

enum jl_language { JL_LANGUAGE_ZH = 0, JL_LANGUAGE_EN };

/* The text in a person's language: both are literals, so formats stay checked. */
#define JL_ZH_EN(language, zh, en) ((language) == JL_LANGUAGE_EN ? (en) : (zh))

#endif
