#include "ui/markdown_html.h"

#include <md4c.h>

#include <QByteArray>
#include <QCoreApplication>

namespace fovea::ui {
namespace {

QString fromUtf8(const MD_CHAR* text, MD_SIZE size) {
  return QString::fromUtf8(text, static_cast<qsizetype>(size));
}

/// The address of a link, ready to stand in an attribute; empty where it may not be followed.
QString addressOf(const MD_ATTRIBUTE& attribute) {
  const QString raw = fromUtf8(attribute.text, attribute.size);
  bool known = false;
  for (const char* scheme : {"https://", "http://", "mailto:"}) {
    known = known || raw.startsWith(QLatin1String(scheme), Qt::CaseInsensitive);
  }
  if (!known) return {};
  QString address;
  for (int i = 0; attribute.substr_offsets[i] < attribute.size; ++i) {
    const MD_OFFSET from = attribute.substr_offsets[i];
    const QString part = fromUtf8(attribute.text + from, attribute.substr_offsets[i + 1] - from);
    address += attribute.substr_types[i] == MD_TEXT_ENTITY ? part : part.toHtmlEscaped();
  }
  return address;
}

/// Writes HTML as md4c reads Markdown.
class Writer {
 public:
  void enter(MD_BLOCKTYPE type, void* detail);
  void leave(MD_BLOCKTYPE type, void* detail);
  void enter(MD_SPANTYPE type, void* detail);
  void leave(MD_SPANTYPE type);
  void text(MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size);

  QString html;

 private:
  void openCell(const char* tag, const MD_BLOCK_TD_DETAIL& detail);
  void openLink(const MD_ATTRIBUTE& attribute);
  void closeLink();

  bool m_first = true;      // nothing stands above the next paragraph of its container
  int m_links = 0;          // links that are open, refused ones too: they do not nest
  bool m_linkOpen = false;  // and the one of them that is written
};

void Writer::enter(MD_BLOCKTYPE type, void* detail) {
  switch (type) {
    case MD_BLOCK_UL:
      html += QStringLiteral("<ul>");
      break;
    case MD_BLOCK_OL:
      html += QStringLiteral("<ol start=\"%1\">").arg(static_cast<const MD_BLOCK_OL_DETAIL*>(detail)->start);
      break;
    case MD_BLOCK_LI: {
      const auto* item = static_cast<const MD_BLOCK_LI_DETAIL*>(detail);
      html += QStringLiteral("<li>");
      if (item->is_task != 0)
        html += item->task_mark == ' ' ? QStringLiteral("\u2610 ") : QStringLiteral("\u2611 ");
      m_first = true;
      break;
    }
    case MD_BLOCK_H:
      html += QStringLiteral("<h%1>").arg(static_cast<const MD_BLOCK_H_DETAIL*>(detail)->level);
      break;
    case MD_BLOCK_P:
      html += m_first ? QStringLiteral("<p>") : QStringLiteral("<p class=\"next\">");
      m_first = false;
      break;
    case MD_BLOCK_CODE:
      html += QStringLiteral("<pre>");
      break;
    case MD_BLOCK_QUOTE:
      html += QStringLiteral("<blockquote>");
      m_first = true;
      break;
    case MD_BLOCK_HR:
      html += QStringLiteral("<hr/>");
      break;
    case MD_BLOCK_TABLE:
      html += QStringLiteral("<table border=\"1\" cellspacing=\"0\" cellpadding=\"6\">");
      break;
    case MD_BLOCK_TR:
      html += QStringLiteral("<tr>");
      break;
    case MD_BLOCK_TH:
      openCell("th", *static_cast<const MD_BLOCK_TD_DETAIL*>(detail));
      break;
    case MD_BLOCK_TD:
      openCell("td", *static_cast<const MD_BLOCK_TD_DETAIL*>(detail));
      break;
    case MD_BLOCK_DOC:
    case MD_BLOCK_HTML:
    case MD_BLOCK_THEAD:
    case MD_BLOCK_TBODY:
      break;
  }
}

void Writer::openCell(const char* tag, const MD_BLOCK_TD_DETAIL& detail) {
  const char* align = detail.align == MD_ALIGN_CENTER  ? "center"
                      : detail.align == MD_ALIGN_RIGHT ? "right"
                                                       : "left";
  html += QStringLiteral("<%1 align=\"%2\">").arg(QLatin1String(tag), QLatin1String(align));
}

void Writer::leave(MD_BLOCKTYPE type, void* detail) {
  switch (type) {
    case MD_BLOCK_UL:
      html += QStringLiteral("</ul>");
      break;
    case MD_BLOCK_OL:
      html += QStringLiteral("</ol>");
      break;
    case MD_BLOCK_LI:
      html += QStringLiteral("</li>");
      break;
    case MD_BLOCK_H:
      html += QStringLiteral("</h%1>").arg(static_cast<const MD_BLOCK_H_DETAIL*>(detail)->level);
      break;
    case MD_BLOCK_P:
      html += QStringLiteral("</p>");
      break;
    case MD_BLOCK_CODE:
      html += QStringLiteral("</pre>");
      break;
    case MD_BLOCK_QUOTE:
      html += QStringLiteral("</blockquote>");
      break;
    case MD_BLOCK_TABLE:
      html += QStringLiteral("</table>");
      break;
    case MD_BLOCK_TR:
      html += QStringLiteral("</tr>");
      break;
    case MD_BLOCK_TH:
      html += QStringLiteral("</th>");
      break;
    case MD_BLOCK_TD:
      html += QStringLiteral("</td>");
      break;
    case MD_BLOCK_DOC:
    case MD_BLOCK_HR:
    case MD_BLOCK_HTML:
    case MD_BLOCK_THEAD:
    case MD_BLOCK_TBODY:
      break;
  }
}

void Writer::openLink(const MD_ATTRIBUTE& attribute) {
  if (m_links++ > 0) return;
  const QString address = addressOf(attribute);
  m_linkOpen = !address.isEmpty();
  if (m_linkOpen) html += QStringLiteral("<a href=\"%1\">").arg(address);
}

void Writer::closeLink() {
  if (--m_links > 0 || !m_linkOpen) return;
  html += QStringLiteral("</a>");
  m_linkOpen = false;
}

void Writer::enter(MD_SPANTYPE type, void* detail) {
  switch (type) {
    case MD_SPAN_EM:
      html += QStringLiteral("<i>");
      break;
    case MD_SPAN_STRONG:
      html += QStringLiteral("<b>");
      break;
    case MD_SPAN_A:
      openLink(static_cast<const MD_SPAN_A_DETAIL*>(detail)->href);
      break;
    case MD_SPAN_IMG:
      // Named, and never fetched: nothing leaves the machine by itself.
      openLink(static_cast<const MD_SPAN_IMG_DETAIL*>(detail)->src);
      html += QCoreApplication::translate("Markdown", "Image: ").toHtmlEscaped();
      break;
    case MD_SPAN_CODE:
      html += QStringLiteral("<code>");
      break;
    case MD_SPAN_DEL:
      html += QStringLiteral("<s>");
      break;
    default:
      break;
  }
}

void Writer::leave(MD_SPANTYPE type) {
  switch (type) {
    case MD_SPAN_EM:
      html += QStringLiteral("</i>");
      break;
    case MD_SPAN_STRONG:
      html += QStringLiteral("</b>");
      break;
    case MD_SPAN_A:
    case MD_SPAN_IMG:
      closeLink();
      break;
    case MD_SPAN_CODE:
      html += QStringLiteral("</code>");
      break;
    case MD_SPAN_DEL:
      html += QStringLiteral("</s>");
      break;
    default:
      break;
  }
}

void Writer::text(MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size) {
  switch (type) {
    case MD_TEXT_NULLCHAR:
      html += QChar(QChar::ReplacementCharacter);
      break;
    case MD_TEXT_BR:
    case MD_TEXT_SOFTBR:
      html += QStringLiteral("<br/>");
      break;
    case MD_TEXT_ENTITY:
      html += fromUtf8(text, size);
      break;
    default:
      html += fromUtf8(text, size).toHtmlEscaped();
  }
}

Writer& writerOf(void* data) {
  return *static_cast<Writer*>(data);
}

}  // namespace

QString markdownToHtml(const QString& markdown) {
  MD_PARSER parser{};
  // Models fence their code; four spaces are the inside of a list that a fence has cut.
  parser.flags = MD_DIALECT_GITHUB | MD_FLAG_NOHTML | MD_FLAG_NOINDENTEDCODEBLOCKS;
  parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* data) {
    writerOf(data).enter(type, detail);
    return 0;
  };
  parser.leave_block = [](MD_BLOCKTYPE type, void* detail, void* data) {
    writerOf(data).leave(type, detail);
    return 0;
  };
  parser.enter_span = [](MD_SPANTYPE type, void* detail, void* data) {
    writerOf(data).enter(type, detail);
    return 0;
  };
  parser.leave_span = [](MD_SPANTYPE type, void*, void* data) {
    writerOf(data).leave(type);
    return 0;
  };
  parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* data) {
    writerOf(data).text(type, text, size);
    return 0;
  };
  const QByteArray source = markdown.toUtf8();
  Writer writer;
  if (md_parse(source.constData(), static_cast<MD_SIZE>(source.size()), &parser, &writer) != 0) {
    return markdown.toHtmlEscaped();  // memory ran out: the characters themselves
  }
  return writer.html;
}

}  // namespace fovea::ui
