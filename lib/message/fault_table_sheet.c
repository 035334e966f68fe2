/* Tables of records in files. */
#include "fault_table.h"

static const struct jl_fault_table_entry entries[] = {
    {JL_FAULT_CSV_COLUMNS, "第 {1} 行超过 {2} 列；请检查分隔符。",
     "line {1} has more than {2} columns"},
    {JL_FAULT_CSV_ROW_LONG, "第 {1} 行超过 {2} 字节；请检查引号是否成对。",
     "the row in line {1} is longer than {2} bytes"},
    {JL_FAULT_CSV_END, "没有更多的行了。", "no more rows"},
    {JL_FAULT_CSV_ROWS, "第 {1} 行：超过 {2} 行；请分成几个文件。",
     "line {1}: more than {2} rows; split the file into several"},
    {JL_FAULT_CSV_EMPTY, "文件是空的；应有表头和数据行。",
     "the file is empty: a header row and data rows are expected"},
    {JL_FAULT_CSV_FILE_LONG, "文件超过 {1} 字节；请分成几个文件。",
     "longer than {1} bytes: split it into several files"},
    {JL_FAULT_CSV_FOLDER, "这是文件夹；请选其中的文件。", "this is a folder: name a file in it"},
    {JL_FAULT_CSV_ICU, "系统缺少 {1} 编码的数据（ICU：{2}）；请把它装全后再试。",
     "ICU has no {1} converter ({2}): install its data"},
    {JL_FAULT_EXPORT_REF, "有一个引用指向不存在的类别；请运行 verify。",
     "field {1} refers to nothing; run verify"},
    {JL_FAULT_EXPORT_UNMASK, "{1}只能由所属镇街查看明文",
     "{1} records are unmasked by their own office only"},
    {JL_FAULT_IMPORT_TYPE_GONE, "目录里已没有这个类别（{1}）；请重新开始。",
     "type {1} is not in the catalogue; start again"},
    {JL_FAULT_IMPORT_FIELD_GONE, "目录里已没有这个字段（{1}）；请重新开始。",
     "field {1} is no longer in the catalogue; start again"},
    {JL_FAULT_IMPORT_OWN, "{1}由系统自己记录，不能导入",
     "{1} records are made by the program and can't be imported"},
    {JL_FAULT_IMPORT_READ_ONLY, "数据目录以只读方式打开，只能试导入",
     "the data folder is open for reading only; rehearse instead"},
    {JL_FAULT_IMPORT_PROBLEMS_FILE, "问题行不能写回原文件，请换一个文件名",
     "the problems can't go into the file itself; name another"},
    {JL_FAULT_IMPORT_PART,
     "前 {1} 行已保存，其余没有；排除故障后再导入同一文件即可，已保存的会是未变",
     "the first {1} rows are saved, the rest is not; import the file again once this is fixed, "
     "what is saved will be unchanged"},
    {JL_FAULT_IMPORT_COLUMNS, "缺少必填的列：{1}；请在表头补上这些列再导入，没有任何改动",
     "required columns are missing: {1}; add them to the header and import again; nothing was "
     "changed"},
    {JL_FAULT_IMPORT_HEADER,
     "找不到{1}的表头（只看前 {2} 行）；请用 template 命令的模板，没有任何改动",
     "no header of {1} in the first {2} rows; use the template command; nothing was changed"},
    {JL_FAULT_CSV_QUOTE, "第 {1} 行的引号没有成对；请补上或去掉。",
     "the quote (\") opened in line {1} is not closed: add the missing quote or take this one "
     "away"},
    {JL_FAULT_CSV_QUOTE_FAR, "第 {1} 行的引号在允许的行长内没有成对；请补上或去掉。",
     "the quote (\") opened in line {1} is not closed within the longest allowed row: add the "
     "missing quote or take this one away"},
    {JL_FAULT_CSV_XLSX,
     "这不是 CSV 文件，而是Excel 工作簿（.xlsx）或压缩包；请用 Excel 或 WPS 打开，另存为“CSV "
     "UTF-8”。",
     "not a CSV file but an Excel workbook (.xlsx) or a zip archive: open it in Excel or WPS and "
     "save as CSV UTF-8"},
    {JL_FAULT_CSV_XLS,
     "这不是 CSV 文件，而是旧版 Excel 工作簿（.xls）；请用 Excel 或 WPS 打开，另存为“CSV UTF-8”。",
     "not a CSV file but an old Excel workbook (.xls): open it in Excel or WPS and save as CSV "
     "UTF-8"},
    {JL_FAULT_CSV_ARCHIVE,
     "这不是 CSV 文件，而是压缩包；请用 Excel 或 WPS 打开，另存为“CSV UTF-8”。",
     "not a CSV file but an archive: open it in Excel or WPS and save as CSV UTF-8"},
    {JL_FAULT_CSV_UTF16,
     "这不是 CSV 文件，而是UTF-16 文本（“Unicode 文本”）；请用 Excel 或 WPS 打开，另存为“CSV "
     "UTF-8”。",
     "not a CSV file but UTF-16 text (\"Unicode text\"): open it in Excel or WPS and save as CSV "
     "UTF-8"},
    {JL_FAULT_CSV_PDF, "这不是 CSV 文件，而是PDF 文件；请用 Excel 或 WPS 打开，另存为“CSV UTF-8”。",
     "not a CSV file but a PDF document: open it in Excel or WPS and save as CSV UTF-8"},
    {JL_FAULT_CSV_WEB_PAGE,
     "这不是 CSV 文件，而是网页（虽然名字可能是 .xls）；请用 Excel 或 WPS 打开，另存为“CSV "
     "UTF-8”。",
     "not a CSV file but a web page, though its name may end in .xls: open it in Excel or WPS and "
     "save as CSV UTF-8"},
    {JL_FAULT_CSV_XML,
     "这不是 CSV 文件，而是XML 文件（虽然名字可能是 .xls）；请用 Excel 或 WPS 打开，另存为“CSV "
     "UTF-8”。",
     "not a CSV file but an XML document, though its name may end in .xls: open it in Excel or WPS "
     "and save as CSV UTF-8"},
    {JL_FAULT_CSV_OPEN, "打不开文件（{!}）；请检查文件名和权限。", "cannot open: {!}"},
    {JL_FAULT_CSV_READ, "读取文件失败（{!}）；请检查磁盘。", "cannot read: {!}"},
    {JL_FAULT_CSV_NUL,
     "第 {2} 行（第 {1} 字节）有空字符，不是文本；请用 Excel 或 WPS 打开，另存为“CSV UTF-8”。",
     "a NUL byte at byte offset {1}, line {2}: this is not text; open it in Excel or WPS and save "
     "as CSV UTF-8"},
    {JL_FAULT_CSV_LINE_LONG,
     "第 {1} 行超过 {2} 字节，不像是记录表；请用 Excel 或 WPS 打开，另存为“CSV UTF-8”。",
     "line {1} is longer than {2} bytes: this is not a table of records; open it in Excel or WPS "
     "and save as CSV UTF-8"},
    {JL_FAULT_CSV_HALF,
     "第 {2} 行（第 {1} 字节）有半个字符，不合 {3} 编码；文件可能损坏或被截断，请重新另存为 CSV "
     "UTF-8。",
     "byte offset {1}, line {2}: half a character in {3} text; the file is damaged or cut off, "
     "save it as CSV UTF-8 again"},
    {JL_FAULT_CSV_NO_CHARACTER,
     "第 {2} 行（第 {1} 字节）有不是字符的字节，不合 {3} 编码；文件可能损坏，请重新另存为 CSV "
     "UTF-8。",
     "byte offset {1}, line {2}: a byte that is no character in {3} text; the file is damaged or "
     "cut off, save it as CSV UTF-8 again"},
    {JL_FAULT_IMPORT_NOT, "文件没有导入", "the file was not imported"},
};

const struct jl_fault_table jl_fault_table_sheet = {entries, sizeof entries / sizeof *entries};
