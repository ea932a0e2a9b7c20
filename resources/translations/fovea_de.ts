<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>AboutDialog</name>
    <message>
        <source>About Fovea</source>
        <translation>Über Fovea</translation>
    </message>
    <message>
        <source>Fovea %1
A local chat that shows its attention.
MIT licence.</source>
        <translation>Fovea %1
Ein lokaler Chat, der seine Aufmerksamkeit zeigt.
MIT-Lizenz.</translation>
    </message>
    <message>
        <source>Its engine implements and goes beyond “SpecAttn: Speculating Sparse Attention” (arXiv 2510.27641).</source>
        <translation>Die Rechenmaschine darin setzt „SpecAttn: Speculating Sparse Attention“ (arXiv 2510.27641) um und geht darüber hinaus.</translation>
    </message>
    <message>
        <source>Built with</source>
        <translation>Gebaut mit</translation>
    </message>
    <message>
        <source>The built-in pair was trained for Fovea on openly licensed text; its model card lies beside it. The calibration text is MIT.</source>
        <translation>Das eingebaute Paar wurde für Fovea auf offen lizenzierten Texten trainiert; seine Modellkarte liegt daneben. Der Kalibrierungstext steht unter der MIT-Lizenz.</translation>
    </message>
    <message>
        <source>Welcome</source>
        <translation>Willkommen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>AlignmentPart</name>
    <message>
        <source>Alignment of the pair</source>
        <translation>Ausrichtung des Paars</translation>
    </message>
    <message>
        <source>No draft is loaded.</source>
        <translation>Es ist kein Entwurfsmodell geladen.</translation>
    </message>
    <message>
        <source>Looking for it…</source>
        <translation>Wird gesucht …</translation>
    </message>
    <message>
        <source>This pair was not aligned yet. The first question in mode Sparse or Exact does it, or you do it now.</source>
        <translation>Dieses Paar wurde noch nicht ausgerichtet. Das geschieht bei der ersten Frage im Modus Sparsam oder Exakt, oder Sie tun es jetzt.</translation>
    </message>
    <message>
        <source>Which layers of the draft look where the verifier&apos;s layers look.</source>
        <translation>Welche Schichten des Entwurfsmodells dorthin schauen, wohin die Schichten des Prüfers schauen.</translation>
    </message>
    <message>
        <source>Verifier</source>
        <translation>Prüfer</translation>
    </message>
    <message>
        <source>Map of %1 verifier layers against %2 draft layers</source>
        <translation>Karte von %1 Schichten des Prüfers gegen %2 Schichten des Entwurfsmodells</translation>
    </message>
    <message>
        <source>Draft layer →</source>
        <translation>Schicht des Entwurfsmodells →</translation>
    </message>
    <message>
        <source>Head map: part of the layer&apos;s heads</source>
        <translation>Kopfkarte: Anteil der Köpfe der Schicht</translation>
    </message>
    <message>
        <source>Layer path</source>
        <translation>Schichtpfad</translation>
    </message>
    <message>
        <source>Aligning, %1%</source>
        <translation>Wird ausgerichtet, %1 %</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Compute it again</source>
        <translation>Neu berechnen</translation>
    </message>
    <message>
        <source>Align now</source>
        <translation>Jetzt ausrichten</translation>
    </message>
</context>
<context>
    <name>AppearanceSection</name>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Hoher Kontrast</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Light or dark follows the system.</source>
        <translation>Ob hell oder dunkel, bestimmt das System.</translation>
    </message>
    <message>
        <source>Font size</source>
        <translation>Schriftgröße</translation>
    </message>
    <message>
        <source>%1%</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Counts from the next start on.</source>
        <translation>Gilt ab dem nächsten Start.</translation>
    </message>
</context>
<context>
    <name>AttentionSection</name>
    <message>
        <source>Attention</source>
        <translation>Aufmerksamkeit</translation>
    </message>
    <message>
        <source>Attention top-p</source>
        <translation>Aufmerksamkeits-Top-p</translation>
    </message>
    <message>
        <source>Share of the attention that is read, beside sinks and window: less reads fewer KV entries and is further from the full answer. Has nothing to do with the choice of words (that is the sampling top-p).</source>
        <translation>Anteil der Aufmerksamkeit, der neben Senken und Fenster gelesen wird: weniger liest weniger KV-Einträge und entfernt sich weiter von der vollen Antwort. Hat nichts mit der Wortwahl zu tun (das ist das Auswahl-Top-p).</translation>
    </message>
    <message>
        <source>Selector</source>
        <translation>Auswahl der Einträge</translation>
    </message>
    <message>
        <source>Budget</source>
        <translation>Budget</translation>
    </message>
    <message>
        <source>Share of the KV entries that are read.</source>
        <translation>Anteil der KV-Einträge, die gelesen werden.</translation>
    </message>
    <message>
        <source>Sinks</source>
        <translation>Senken</translation>
    </message>
    <message>
        <source>First tokens of the chat, always read.</source>
        <translation>Erste Token des Chats, immer gelesen.</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>Last tokens before the one to come, always read.</source>
        <translation>Letzte Token vor dem nächsten, immer gelesen.</translation>
    </message>
    <message>
        <source>Dense layers</source>
        <translation>Volle Schichten</translation>
    </message>
    <message>
        <source>First layers of the verifier that read everything.</source>
        <translation>Erste Schichten des Prüfers, die alles lesen.</translation>
    </message>
</context>
<context>
    <name>Banners</name>
    <message>
        <source>The model could not be loaded</source>
        <translation>Das Modell konnte nicht geladen werden</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Use the built-in model</source>
        <translation>Das eingebaute Modell nehmen</translation>
    </message>
    <message>
        <source>Your chats may not be saved</source>
        <translation>Ihre Chats werden vielleicht nicht gespeichert</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>Ausblenden</translation>
    </message>
    <message>
        <source>Your chats were brought up to date</source>
        <translation>Ihre Chats wurden auf den neuen Stand gebracht</translation>
    </message>
</context>
<context>
    <name>ChatHeader</name>
    <message>
        <source>Hide the list of chats</source>
        <translation>Die Liste der Chats ausblenden</translation>
    </message>
    <message>
        <source>Show the list of chats</source>
        <translation>Die Liste der Chats zeigen</translation>
    </message>
    <message>
        <source>Close the settings</source>
        <translation>Die Einstellungen schließen</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>This chat</source>
        <translation>Dieser Chat</translation>
    </message>
    <message>
        <source>Instruction…</source>
        <translation>Anweisung …</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Export this chat…</source>
        <translation>Diesen Chat exportieren …</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Close the insights</source>
        <translation>Die Einblicke schließen</translation>
    </message>
    <message>
        <source>Insights: what the answer reads</source>
        <translation>Einblicke: was die Antwort liest</translation>
    </message>
</context>
<context>
    <name>CheckPage</name>
    <message>
        <source>Replays the answer densely and without a draft: at each word it asks the verifier alone what it draws there, with the answer&apos;s own seed and options.</source>
        <translation>Spielt die Antwort mit vollem Lesen und ohne Entwurfsmodell nach: An jedem Wort wird der Prüfer allein gefragt, was er dort zieht, mit dem Startwert und den Einstellungen der Antwort.</translation>
    </message>
    <message>
        <source>Verifying, %1%</source>
        <translation>Nachprüfen, %1 %</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Verify again</source>
        <translation>Noch einmal nachprüfen</translation>
    </message>
    <message>
        <source>Verify this answer</source>
        <translation>Diese Antwort nachprüfen</translation>
    </message>
    <message>
        <source>The answer, by what the verifier draws</source>
        <translation>Die Antwort, nach dem, was der Prüfer zieht</translation>
    </message>
    <message numerus="yes">
        <source>%n never drawn densely</source>
        <translation>
            <numerusform>%n mit vollem Lesen nie gezogen</numerusform>
            <numerusform>%n mit vollem Lesen nie gezogen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n drawn differently</source>
        <translation>
            <numerusform>%n anders gezogen</numerusform>
            <numerusform>%n anders gezogen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CloseDialog</name>
    <message>
        <source>An answer is being written</source>
        <translation>Es wird gerade eine Antwort geschrieben</translation>
    </message>
    <message>
        <source>What has been written so far is saved. You can let the model go on with it later.</source>
        <translation>Was bisher geschrieben ist, ist gespeichert. Sie können das Modell später daran weiterschreiben lassen.</translation>
    </message>
    <message>
        <source>Stop and close</source>
        <translation>Anhalten und schließen</translation>
    </message>
    <message>
        <source>Keep answering</source>
        <translation>Weiter antworten</translation>
    </message>
</context>
<context>
    <name>CodeBlock</name>
    <message>
        <source>Code</source>
        <translation>Code</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
    <message>
        <source>Copy code</source>
        <translation>Code kopieren</translation>
    </message>
    <message>
        <source>Code in %1</source>
        <translation>Code in %1</translation>
    </message>
</context>
<context>
    <name>ComparePage</name>
    <message>
        <source>This answer beside another one of this chat.</source>
        <translation>Diese Antwort neben einer anderen aus diesem Chat.</translation>
    </message>
    <message>
        <source>Compare with</source>
        <translation>Vergleichen mit</translation>
    </message>
    <message>
        <source>this answer</source>
        <translation>diese</translation>
    </message>
    <message>
        <source>the other</source>
        <translation>die andere</translation>
    </message>
    <message>
        <source>%1: this answer %2, the other %3</source>
        <translation>%1: diese Antwort %2, die andere %3</translation>
    </message>
    <message>
        <source>Read by each layer</source>
        <translation>Was jede Schicht gelesen hat</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Write a message</source>
        <translation>Eine Nachricht schreiben</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Nachricht</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Stop  Esc</source>
        <translation>Anhalten  Esc</translation>
    </message>
    <message>
        <source>Send  Enter</source>
        <translation>Senden  Eingabe</translation>
    </message>
    <message>
        <source>Enter sends, Shift+Enter starts a new line</source>
        <translation>Eingabe sendet, Umschalt+Eingabe beginnt eine neue Zeile</translation>
    </message>
    <message>
        <source>Editing an earlier question. It will be asked anew; the first version stays.</source>
        <translation>Sie bearbeiten eine frühere Frage. Sie wird neu gestellt; die erste Fassung bleibt.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Attached: %1, %2</source>
        <translation>Angehängt: %1, %2</translation>
    </message>
    <message>
        <source>Take away</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Attach a text or PDF file</source>
        <translation>Eine Text- oder PDF-Datei anhängen</translation>
    </message>
</context>
<context>
    <name>ConversationDelegate</name>
    <message>
        <source>%1, being answered</source>
        <translation>%1, wird beantwortet</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Del</source>
        <translation>Entf</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>Lösen</translation>
    </message>
    <message>
        <source>Pin</source>
        <translation>Anheften</translation>
    </message>
    <message>
        <source>Bring back from the archive</source>
        <translation>Aus dem Archiv zurückholen</translation>
    </message>
    <message>
        <source>Archive</source>
        <translation>Archivieren</translation>
    </message>
</context>
<context>
    <name>ConversationList</name>
    <message>
        <source>Chats</source>
        <translation>Chats</translation>
    </message>
</context>
<context>
    <name>DecodingSection</name>
    <message>
        <source>Decoding</source>
        <translation>Dekodierung</translation>
    </message>
    <message>
        <source>Drafted tokens</source>
        <translation>Entworfene Token</translation>
    </message>
    <message>
        <source>How many the draft proposes in one step, at most. How many it does is decided by what drafting costs and brings.</source>
        <translation>Wie viele das Entwurfsmodell in einem Schritt höchstens vorschlägt. Wie viele es wirklich sind, entscheidet, was das Entwerfen kostet und bringt.</translation>
    </message>
</context>
<context>
    <name>DraftPage</name>
    <message>
        <source>The answer, by who proposed each word of it.</source>
        <translation>Die Antwort, nach dem, wer jedes Wort vorgeschlagen hat.</translation>
    </message>
    <message>
        <source>The answer, by who proposed each word of it</source>
        <translation>Die Antwort, nach dem, wer jedes Wort vorgeschlagen hat</translation>
    </message>
    <message>
        <source>the draft&apos;s, accepted</source>
        <translation>vom Entwurfsmodell, angenommen</translation>
    </message>
    <message>
        <source>in the place of a refused one</source>
        <translation>an der Stelle eines abgelehnten</translation>
    </message>
    <message>
        <source>the verifier&apos;s own</source>
        <translation>vom Prüfer selbst</translation>
    </message>
    <message numerus="yes">
        <source>%n refused</source>
        <translation>
            <numerusform>%n abgelehnt</numerusform>
            <numerusform>%n abgelehnt</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>EmptyState</name>
    <message>
        <source>Who are you?</source>
        <translation>Who are you?</translation>
    </message>
    <message>
        <source>Do you like music?</source>
        <translation>Do you like music?</translation>
    </message>
    <message>
        <source>What do you like to do in the morning?</source>
        <translation>What do you like to do in the morning?</translation>
    </message>
    <message>
        <source>What is economics?</source>
        <translation>What is economics?</translation>
    </message>
    <message>
        <source>What shall we talk about?</source>
        <translation>Worüber sprechen wir?</translation>
    </message>
    <message>
        <source>The built-in model is small: 51 million parameters. It is a demonstration that chats and tells stories, and it is usually wrong about facts. It runs on this computer; nothing leaves it.</source>
        <translation>Das eingebaute Modell ist klein: 51 Millionen Parameter. Es ist eine Vorführung, die plaudert und Geschichten erzählt, auf Englisch, und bei Tatsachen liegt es meist falsch. Es läuft auf diesem Rechner; nichts verlässt ihn.</translation>
    </message>
    <message>
        <source>The model runs on this computer; nothing leaves it.</source>
        <translation>Das Modell läuft auf diesem Rechner; nichts verlässt ihn.</translation>
    </message>
</context>
<context>
    <name>ExampleCard</name>
    <message>
        <source>Ask: %1</source>
        <translation>Fragen: %1</translation>
    </message>
</context>
<context>
    <name>FigureText</name>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 ms</translation>
    </message>
</context>
<context>
    <name>FileDialogs</name>
    <message>
        <source>Export this chat</source>
        <translation>Diesen Chat exportieren</translation>
    </message>
    <message>
        <source>Markdown (*.md)</source>
        <translation>Markdown (*.md)</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Export all chats</source>
        <translation>Alle Chats exportieren</translation>
    </message>
    <message>
        <source>Import chats of Fovea, Open WebUI or ChatGPT</source>
        <translation>Chats von Fovea, Open WebUI oder ChatGPT importieren</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Chats</source>
        <translation>Chats</translation>
    </message>
    <message>
        <source>Attach a text or PDF file</source>
        <translation>Eine Text- oder PDF-Datei anhängen</translation>
    </message>
</context>
<context>
    <name>InsightsPanel</name>
    <message>
        <source>Insights</source>
        <translation>Einblicke</translation>
    </message>
    <message>
        <source>The answer before</source>
        <translation>Die Antwort davor</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>Answer %1 of %2</source>
        <translation>Antwort %1 von %2</translation>
    </message>
    <message>
        <source>The answer after</source>
        <translation>Die Antwort danach</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Step by step</source>
        <translation>Schritt für Schritt</translation>
    </message>
    <message>
        <source>What each layer read</source>
        <translation>Was jede Schicht gelesen hat</translation>
    </message>
    <message>
        <source>Accepted, by place in the draft</source>
        <translation>Angenommen, nach Platz im Entwurf</translation>
    </message>
    <message>
        <source>Time by stage</source>
        <translation>Zeit nach Abschnitt</translation>
    </message>
</context>
<context>
    <name>InsightsTabs</name>
    <message>
        <source>Insights</source>
        <translation>Einblicke</translation>
    </message>
    <message>
        <source>Figures</source>
        <translation>Zahlen</translation>
    </message>
    <message>
        <source>Reads</source>
        <translation>Gelesen</translation>
    </message>
    <message>
        <source>Draft</source>
        <translation>Entwurf</translation>
    </message>
    <message>
        <source>Verify</source>
        <translation>Nachprüfen</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleich</translation>
    </message>
</context>
<context>
    <name>LoadBar</name>
    <message>
        <source>Loading the model…</source>
        <translation>Das Modell wird geladen …</translation>
    </message>
    <message>
        <source>What you changed here counts after loading. Until then the loaded pair goes on answering.</source>
        <translation>Was Sie hier geändert haben, gilt nach dem Laden. Bis dahin antwortet das geladene Paar weiter.</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>Laden</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Stop loading</source>
        <translation>Laden anhalten</translation>
    </message>
    <message>
        <source>Loads when the answer under way is finished…</source>
        <translation>Lädt, wenn die laufende Antwort fertig ist …</translation>
    </message>
</context>
<context>
    <name>Main</name>
    <message>
        <source>%1 – Fovea</source>
        <translation>%1 – Fovea</translation>
    </message>
    <message>
        <source>Fovea</source>
        <translation>Fovea</translation>
    </message>
</context>
<context>
    <name>Markdown</name>
    <message>
        <source>Image: </source>
        <translation>Bild: </translation>
    </message>
</context>
<context>
    <name>MarkedSteps</name>
    <message>
        <source>The one before</source>
        <translation>Das davor</translation>
    </message>
    <message>
        <source>The one after</source>
        <translation>Das danach</translation>
    </message>
</context>
<context>
    <name>MessageActions</name>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Edit and ask anew</source>
        <translation>Bearbeiten und neu fragen</translation>
    </message>
    <message>
        <source>Answer anew</source>
        <translation>Neu antworten</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>New chat from here</source>
        <translation>Neuer Chat ab hier</translation>
    </message>
    <message>
        <source>Delete from here on</source>
        <translation>Ab hier löschen</translation>
    </message>
</context>
<context>
    <name>MessageDelegate</name>
    <message>
        <source>You</source>
        <translation>Sie</translation>
    </message>
    <message>
        <source>Show less</source>
        <translation>Weniger zeigen</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>Alles zeigen</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Fortsetzen</translation>
    </message>
</context>
<context>
    <name>MessageList</name>
    <message>
        <source>Messages</source>
        <translation>Nachrichten</translation>
    </message>
    <message>
        <source>Jump to latest</source>
        <translation>Zum Ende springen</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>Choose a file…</source>
        <translation>Datei wählen …</translation>
    </message>
    <message>
        <source>%1: choose a file</source>
        <translation>%1: Datei wählen</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>Zuletzt</translation>
    </message>
    <message>
        <source>%1: recently used</source>
        <translation>%1: zuletzt verwendet</translation>
    </message>
    <message>
        <source>No draft</source>
        <translation>Kein Entwurfsmodell</translation>
    </message>
</context>
<context>
    <name>ModelChip</name>
    <message>
        <source>Model: %1, ready</source>
        <translation>Modell: %1, bereit</translation>
    </message>
</context>
<context>
    <name>ModelSection</name>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>GPU (CUDA)</source>
        <translation>Grafikkarte (CUDA)</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Verifier</source>
        <translation>Prüfer</translation>
    </message>
    <message>
        <source>Draft</source>
        <translation>Entwurfsmodell</translation>
    </message>
    <message>
        <source>Use the built-in pair</source>
        <translation>Das eingebaute Paar nehmen</translation>
    </message>
    <message>
        <source>Computes on</source>
        <translation>Rechnet auf</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>Of the processor; 0 takes one for each core.</source>
        <translation>Des Prozessors; 0 nimmt einen für jeden Kern.</translation>
    </message>
    <message>
        <source>Context length</source>
        <translation>Kontextlänge</translation>
    </message>
    <message>
        <source>Context length, in tokens</source>
        <translation>Kontextlänge, in Token</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Reading the files…</source>
        <translation>Die Dateien werden gelesen …</translation>
    </message>
    <message>
        <source>Choose a draft</source>
        <translation>Entwurfsmodell wählen</translation>
    </message>
    <message>
        <source>Choose a verifier</source>
        <translation>Prüfer wählen</translation>
    </message>
    <message>
        <source>Models (*.gguf)</source>
        <translation>Modelle (*.gguf)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Names of new chats</source>
        <translation>Namen neuer Chats</translation>
    </message>
    <message>
        <source>By the model</source>
        <translation>Vom Modell</translation>
    </message>
    <message>
        <source>The first words of the question</source>
        <translation>Die ersten Wörter der Frage</translation>
    </message>
    <message>
        <source>After the first answer, in the background. A model of fewer than about 1,000 million parameters, such as the one that comes with Fovea, is not asked.</source>
        <translation>Nach der ersten Antwort, im Hintergrund. Ein Modell mit weniger als ungefähr 1.000 Millionen Parametern, wie das mitgelieferte, wird nicht gefragt.</translation>
    </message>
</context>
<context>
    <name>PresetBar</name>
    <message>
        <source>Preset</source>
        <translation>Voreinstellung</translation>
    </message>
    <message>
        <source>Preset: %1</source>
        <translation>Voreinstellung: %1</translation>
    </message>
    <message>
        <source>Preset: none, your own choices</source>
        <translation>Voreinstellung: keine, eigene Wahl</translation>
    </message>
    <message>
        <source>Save as a preset</source>
        <translation>Als Voreinstellung speichern</translation>
    </message>
    <message>
        <source>Delete this preset</source>
        <translation>Diese Voreinstellung löschen</translation>
    </message>
    <message>
        <source>Name of the preset</source>
        <translation>Name der Voreinstellung</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
</context>
<context>
    <name>ProseBlock</name>
    <message>
        <source>Answer</source>
        <translation>Antwort</translation>
    </message>
</context>
<context>
    <name>ReadMapSection</name>
    <message>
        <source>Layers from top to bottom, positions of the conversation from left to right.</source>
        <translation>Schichten von oben nach unten, Positionen des Gesprächs von links nach rechts.</translation>
    </message>
    <message>
        <source>What the map shows</source>
        <translation>Was die Karte zeigt</translation>
    </message>
    <message>
        <source>How often it was read</source>
        <translation>Wie oft gelesen wurde</translation>
    </message>
    <message>
        <source>Bytes saved</source>
        <translation>Gesparte Bytes</translation>
    </message>
    <message>
        <source>Time saved, estimated</source>
        <translation>Zeit gespart, geschätzt</translation>
    </message>
    <message>
        <source>Reads by layer and position</source>
        <translation>Lesezugriffe nach Schicht und Position</translation>
    </message>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
    <message>
        <source>nothing saved</source>
        <translation>nichts gespart</translation>
    </message>
    <message>
        <source>as often as densely</source>
        <translation>so oft wie im Modus Voll</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>Point at the map, or move with the arrow keys, to see what stands there.</source>
        <translation>Zeigen Sie auf die Karte, oder gehen Sie mit den Pfeiltasten darüber, um zu sehen, was dort steht.</translation>
    </message>
</context>
<context>
    <name>ReadsPage</name>
    <message>
        <source>The conversation as the model saw it, and beside the line the answer. The stronger the colour under a word, the more of its stretch of the cache was read.</source>
        <translation>Das Gespräch, wie das Modell es sah, und neben dem Strich die Antwort. Je kräftiger die Farbe unter einem Wort, desto mehr von seinem Stück des Caches wurde gelesen.</translation>
    </message>
    <message>
        <source>Read by</source>
        <translation>Gelesen von</translation>
    </message>
    <message>
        <source>all layers</source>
        <translation>allen Schichten</translation>
    </message>
    <message>
        <source>layer %1</source>
        <translation>Schicht %1</translation>
    </message>
    <message>
        <source>What the answer read</source>
        <translation>Was die Antwort gelesen hat</translation>
    </message>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
    <message>
        <source>as often as densely</source>
        <translation>so oft wie im Modus Voll</translation>
    </message>
</context>
<context>
    <name>SamplingSection</name>
    <message>
        <source>Sampling</source>
        <translation>Wortwahl</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatur</translation>
    </message>
    <message>
        <source>How daring: 0 always takes the likeliest token.</source>
        <translation>Wie gewagt: 0 nimmt immer das wahrscheinlichste Token.</translation>
    </message>
    <message>
        <source>Sampling top-p</source>
        <translation>Auswahl-Top-p</translation>
    </message>
    <message>
        <source>Draws from the likeliest tokens that together have this probability; 1 keeps all. Has nothing to do with what is read (that is the attention top-p).</source>
        <translation>Zieht aus den wahrscheinlichsten Token, die zusammen diese Wahrscheinlichkeit haben; 1 behält alle. Hat nichts damit zu tun, was gelesen wird (das ist das Aufmerksamkeits-Top-p).</translation>
    </message>
    <message>
        <source>Top-k</source>
        <translation>Top-k</translation>
    </message>
    <message>
        <source>Draws from this many of the likeliest tokens; 0 keeps all.</source>
        <translation>Zieht aus so vielen der wahrscheinlichsten Token; 0 behält alle.</translation>
    </message>
    <message>
        <source>Min-p</source>
        <translation>Min-p</translation>
    </message>
    <message>
        <source>Leaves out what is less likely than this times the likeliest; 0 keeps all.</source>
        <translation>Lässt weg, was unwahrscheinlicher ist als so viel mal das wahrscheinlichste; 0 behält alle.</translation>
    </message>
    <message>
        <source>Repetition penalty</source>
        <translation>Wiederholungsstrafe</translation>
    </message>
    <message>
        <source>Makes tokens that came lately less likely; 1 is off.</source>
        <translation>Macht Token, die eben erst kamen, unwahrscheinlicher; 1 ist aus.</translation>
    </message>
    <message>
        <source>Repetition window</source>
        <translation>Wiederholungsfenster</translation>
    </message>
    <message>
        <source>How many of the last tokens count as lately.</source>
        <translation>Wie viele der letzten Token als eben erst gelten.</translation>
    </message>
    <message>
        <source>Longest answer</source>
        <translation>Längste Antwort</translation>
    </message>
    <message>
        <source>In tokens; an answer that meets it is cut off.</source>
        <translation>In Token; eine Antwort, die daran stößt, wird abgeschnitten.</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>random</source>
        <translation>zufällig</translation>
    </message>
    <message>
        <source>The same seed and chat give the same answer. Empty: another one each time.</source>
        <translation>Derselbe Startwert und Chat geben dieselbe Antwort. Leer: jedes Mal ein anderer.</translation>
    </message>
</context>
<context>
    <name>SaveDialog</name>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
</context>
<context>
    <name>SearchDialog</name>
    <message>
        <source>Search in all chats</source>
        <translation>In allen Chats suchen</translation>
    </message>
    <message>
        <source>Nothing was found. Every word has to occur; the last one may be a beginning.</source>
        <translation>Nichts gefunden. Jedes Wort muss vorkommen; beim letzten genügt der Anfang.</translation>
    </message>
    <message>
        <source>Search results</source>
        <translation>Suchergebnisse</translation>
    </message>
</context>
<context>
    <name>SectionHeading</name>
    <message>
        <source>Defaults</source>
        <translation>Vorgaben</translation>
    </message>
    <message>
        <source>Brings this section back to its defaults</source>
        <translation>Setzt diesen Abschnitt auf seine Vorgaben zurück</translation>
    </message>
</context>
<context>
    <name>SettingsPanel</name>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Decoding</source>
        <translation>Dekodierung</translation>
    </message>
    <message>
        <source>Attention</source>
        <translation>Aufmerksamkeit</translation>
    </message>
    <message>
        <source>Sampling</source>
        <translation>Wortwahl</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Close the settings</source>
        <translation>Die Einstellungen schließen</translation>
    </message>
    <message>
        <source>Counts from the next question on, in all chats; the answer under way keeps what it began with.</source>
        <translation>Gilt ab der nächsten Frage, in allen Chats; die laufende Antwort behält, womit sie begann.</translation>
    </message>
    <message>
        <source>Counts from the next question on, in all chats. Nothing is loaded again.</source>
        <translation>Gilt ab der nächsten Frage, in allen Chats. Nichts wird neu geladen.</translation>
    </message>
    <message>
        <source>Welcome</source>
        <translation>Willkommen</translation>
    </message>
    <message>
        <source>About Fovea</source>
        <translation>Über Fovea</translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>New chat</source>
        <translation>Neuer Chat</translation>
    </message>
    <message>
        <source>Search in all chats</source>
        <translation>In allen Chats suchen</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Show or hide the insights</source>
        <translation>Die Einblicke zeigen oder ausblenden</translation>
    </message>
    <message>
        <source>Show or hide the list of chats</source>
        <translation>Die Liste der Chats zeigen oder ausblenden</translation>
    </message>
    <message>
        <source>Rename the chat</source>
        <translation>Den Chat umbenennen</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Send the message</source>
        <translation>Die Nachricht senden</translation>
    </message>
    <message>
        <source>Shift+Enter</source>
        <translation>Umschalt+Eingabe</translation>
    </message>
    <message>
        <source>Start a new line</source>
        <translation>Eine neue Zeile beginnen</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>Pfeil hoch</translation>
    </message>
    <message>
        <source>Edit the last question, in an empty message</source>
        <translation>Die letzte Frage bearbeiten, wenn die Nachricht leer ist</translation>
    </message>
    <message>
        <source>Esc</source>
        <translation>Esc</translation>
    </message>
    <message>
        <source>Stop the answer, or stop editing</source>
        <translation>Die Antwort anhalten oder das Bearbeiten beenden</translation>
    </message>
    <message>
        <source>Del</source>
        <translation>Entf</translation>
    </message>
    <message>
        <source>Delete the chat, in the list of chats</source>
        <translation>Den Chat löschen, in der Liste der Chats</translation>
    </message>
    <message>
        <source>Show this list</source>
        <translation>Diese Liste zeigen</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message>
        <source>Fovea</source>
        <translation>Fovea</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>Neuer Chat</translation>
    </message>
    <message>
        <source>Your chats will be listed here. They stay on this computer.</source>
        <translation>Hier stehen später Ihre Chats. Sie bleiben auf diesem Rechner.</translation>
    </message>
    <message>
        <source>Search in all chats</source>
        <translation>In allen Chats suchen</translation>
    </message>
    <message>
        <source>Import and export</source>
        <translation>Importieren und exportieren</translation>
    </message>
    <message>
        <source>Import chats…</source>
        <translation>Chats importieren …</translation>
    </message>
    <message>
        <source>Export all chats…</source>
        <translation>Alle Chats exportieren …</translation>
    </message>
</context>
<context>
    <name>StatisticsCharts</name>
    <message>
        <source>Step by step</source>
        <translation>Schritt für Schritt</translation>
    </message>
    <message>
        <source>Steps of all answers, a dotted line where one begins</source>
        <translation>Schritte aller Antworten, gepunktete Linie, wo eine beginnt</translation>
    </message>
    <message>
        <source>Steps of the answer</source>
        <translation>Schritte der Antwort</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>Anteil</translation>
    </message>
    <message>
        <source>What each layer read</source>
        <translation>Was jede Schicht gelesen hat</translation>
    </message>
    <message>
        <source>Position in the context, in tokens</source>
        <translation>Position im Kontext, in Token</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>entries read</source>
        <translation>gelesene Einträge</translation>
    </message>
    <message>
        <source>attention kept</source>
        <translation>behaltene Aufmerksamkeit</translation>
    </message>
    <message>
        <source>tokens proposed (at most %1)</source>
        <translation>Token vorgeschlagen (höchstens %1)</translation>
    </message>
    <message>
        <source>and accepted</source>
        <translation>und angenommen</translation>
    </message>
    <message>
        <source>How often a layer read there, of the times that dense reading would have</source>
        <translation>Wie oft eine Schicht dort las, gemessen am Modus Voll</translation>
    </message>
    <message>
        <source>mode %1</source>
        <translation>Modus %1</translation>
    </message>
    <message>
        <source>attention top-p %1</source>
        <translation>Aufmerksamkeits-Top-p %1</translation>
    </message>
    <message numerus="yes">
        <source>%n answers</source>
        <translation>
            <numerusform>%n Antwort</numerusform>
            <numerusform>%n Antworten</numerusform>
        </translation>
    </message>
    <message>
        <source>older turns were dropped midway</source>
        <translation>ältere Beiträge fielen mittendrin weg</translation>
    </message>
    <message>
        <source>KV reads saved</source>
        <translation>KV-Lesezugriffe gespart</translation>
    </message>
    <message>
        <source>drafts accepted</source>
        <translation>Entwürfe angenommen</translation>
    </message>
    <message>
        <source>no draft</source>
        <translation>kein Entwurfsmodell</translation>
    </message>
    <message>
        <source>tokens a pass</source>
        <translation>Token je Durchgang</translation>
    </message>
    <message>
        <source>tokens written</source>
        <translation>Token geschrieben</translation>
    </message>
</context>
<context>
    <name>StatisticsExport</name>
    <message>
        <source>Export the statistics</source>
        <translation>Die Statistik exportieren</translation>
    </message>
    <message>
        <source>Of this answer…</source>
        <translation>Dieser Antwort…</translation>
    </message>
    <message>
        <source>Of the whole chat…</source>
        <translation>Des ganzen Chats…</translation>
    </message>
    <message>
        <source>Export the statistics of this chat</source>
        <translation>Die Statistik dieses Chats exportieren</translation>
    </message>
    <message>
        <source>Export the statistics of this answer</source>
        <translation>Die Statistik dieser Antwort exportieren</translation>
    </message>
    <message>
        <source>Charts (*.png)</source>
        <translation>Diagramme (*.png)</translation>
    </message>
    <message>
        <source>Steps as a table (*.csv)</source>
        <translation>Schritte als Tabelle (*.csv)</translation>
    </message>
    <message>
        <source>Everything (*.json)</source>
        <translation>Alles (*.json)</translation>
    </message>
</context>
<context>
    <name>StepsSection</name>
    <message>
        <source>Which steps</source>
        <translation>Welche Schritte</translation>
    </message>
    <message>
        <source>This answer</source>
        <translation>Diese Antwort</translation>
    </message>
    <message>
        <source>Whole chat</source>
        <translation>Ganzer Chat</translation>
    </message>
    <message>
        <source>Of which layers</source>
        <translation>Welcher Schichten</translation>
    </message>
    <message>
        <source>All layers</source>
        <translation>Alle Schichten</translation>
    </message>
    <message>
        <source>Layer %1</source>
        <translation>Schicht %1</translation>
    </message>
    <message>
        <source>Line: share of the entries read. Dashed: attention kept. Bars: tokens proposed, and of those accepted.</source>
        <translation>Linie: Anteil der gelesenen Einträge. Gestrichelt: behaltene Aufmerksamkeit. Balken: vorgeschlagene Token und davon angenommene.</translation>
    </message>
    <message>
        <source>Steps of the chat</source>
        <translation>Schritte des Chats</translation>
    </message>
    <message>
        <source>Steps of the answer</source>
        <translation>Schritte der Antwort</translation>
    </message>
</context>
<context>
    <name>SystemPromptDialog</name>
    <message>
        <source>Instruction for this chat</source>
        <translation>Anweisung für diesen Chat</translation>
    </message>
    <message>
        <source>The model reads it before every question. It counts from the next question on.</source>
        <translation>Das Modell liest sie vor jeder Frage. Sie gilt ab der nächsten Frage.</translation>
    </message>
    <message>
        <source>For example: Answer in one sentence.</source>
        <translation>Zum Beispiel: Antworte in einem Satz.</translation>
    </message>
    <message>
        <source>Use that of the settings</source>
        <translation>Die aus den Einstellungen nehmen</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
</context>
<context>
    <name>TitleEditor</name>
    <message>
        <source>Title of the chat</source>
        <translation>Titel des Chats</translation>
    </message>
</context>
<context>
    <name>TokenQuote</name>
    <message>
        <source>“%1”</source>
        <translation>„%1“</translation>
    </message>
</context>
<context>
    <name>UndoToast</name>
    <message>
        <source>Deleted “%1”</source>
        <translation>„%1“ gelöscht</translation>
    </message>
    <message>
        <source>Deleted %1 chats</source>
        <translation>%1 Chats gelöscht</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Deleted a part of this chat</source>
        <translation>Ein Teil dieses Chats wurde gelöscht</translation>
    </message>
</context>
<context>
    <name>VersionSwitch</name>
    <message>
        <source>Previous version</source>
        <translation>Vorige Fassung</translation>
    </message>
    <message>
        <source>%1/%2</source>
        <translation>%1/%2</translation>
    </message>
    <message>
        <source>Version %1 of %2</source>
        <translation>Fassung %1 von %2</translation>
    </message>
    <message>
        <source>Next version</source>
        <translation>Nächste Fassung</translation>
    </message>
</context>
<context>
    <name>WelcomeDialog</name>
    <message>
        <source>Welcome to Fovea</source>
        <translation>Willkommen bei Fovea</translation>
    </message>
    <message>
        <source>Fovea chats with a language model that runs on this computer, in this program. Nothing you write leaves it.</source>
        <translation>Fovea plaudert mit einem Sprachmodell, das auf diesem Rechner läuft, in diesem Programm. Nichts, was Sie schreiben, verlässt ihn.</translation>
    </message>
    <message>
        <source>The model that comes with it is small: 51 million parameters, with a draft of 6.5 million. It is a demonstration that chats and tells stories, not an oracle: it is usually wrong about facts, and it cannot calculate.</source>
        <translation>Das Modell, das dabei ist, ist klein: 51 Millionen Parameter, mit einem Entwurfsmodell von 6,5 Millionen. Es ist eine Vorführung, die auf Englisch plaudert und Geschichten erzählt, kein Orakel: Bei Tatsachen liegt es meist falsch, und rechnen kann es nicht.</translation>
    </message>
    <message>
        <source>For knowledge, load a larger model: any GGUF file of the Llama architecture in F32, F16, BF16, Q8_0 or Q4_0. In the settings, under Model, choose it as the verifier, and a small model of the same vocabulary as its draft. What the two will take of your memory is shown before they are loaded.</source>
        <translation>Für Wissen laden Sie ein größeres Modell: eine beliebige GGUF-Datei der Llama-Architektur in F32, F16, BF16, Q8_0 oder Q4_0. Wählen Sie es in den Einstellungen unter Modell als Prüfer, und ein kleines Modell desselben Wortschatzes als Entwurfsmodell. Was die beiden von Ihrem Speicher nehmen, sehen Sie, bevor sie geladen werden.</translation>
    </message>
    <message>
        <source>What Fovea is about: the draft&apos;s attention tells the verifier which few entries of its memory of the chat are worth reading. Try it in the settings, under Decoding, with mode Sparse.</source>
        <translation>Worum es Fovea geht: Die Aufmerksamkeit des Entwurfsmodells sagt dem Prüfer, welche wenigen Einträge seiner Erinnerung an den Chat das Lesen lohnen. Probieren Sie es in den Einstellungen unter Dekodierung, im Modus Sparsam.</translation>
    </message>
    <message>
        <source>Ctrl+comma opens the settings, and this page can be found there again.</source>
        <translation>Strg+Komma öffnet die Einstellungen; dort finden Sie auch diese Seite wieder.</translation>
    </message>
    <message>
        <source>Choose a model…</source>
        <translation>Ein Modell wählen …</translation>
    </message>
    <message>
        <source>Begin</source>
        <translation>Beginnen</translation>
    </message>
</context>
<context>
    <name>fovea::ui::AlignmentViewModel</name>
    <message>
        <source>From %1, %2 tokens</source>
        <translation>Aus %1, %2 Token</translation>
    </message>
    <message>
        <source>Not kept: it counts until the program ends.</source>
        <translation>Nicht aufbewahrt: gilt, bis das Programm endet.</translation>
    </message>
    <message>
        <source>Kept in %1</source>
        <translation>Aufbewahrt in %1</translation>
    </message>
    <message>
        <source>Verifier layer %1, draft layer %2: %3% of the heads</source>
        <translation>Prüferschicht %1, Entwurfsschicht %2: %3 % der Köpfe</translation>
    </message>
    <message>
        <source>%1; on the layer path</source>
        <translation>%1; auf dem Schichtpfad</translation>
    </message>
</context>
<context>
    <name>fovea::ui::AnswerCheck</name>
    <message>
        <source>The answer is still being written.</source>
        <translation>Die Antwort wird noch geschrieben.</translation>
    </message>
    <message>
        <source>Older turns were dropped in the middle of this answer, and its beginning followed another text than the one that was kept. It cannot be replayed.</source>
        <translation>Mitten in dieser Antwort fielen ältere Beiträge weg; ihr Anfang folgte auf einen anderen Text als den, der aufgehoben wurde. Sie lässt sich nicht nachspielen.</translation>
    </message>
    <message>
        <source>The answer has no words.</source>
        <translation>Die Antwort hat keine Wörter.</translation>
    </message>
    <message>
        <source>The answer failed, and the seed that it was drawn with was not kept.</source>
        <translation>Die Antwort ist gescheitert, und der Startwert, mit dem sie gezogen wurde, wurde nicht aufgehoben.</translation>
    </message>
    <message>
        <source>No model is loaded.</source>
        <translation>Es ist kein Modell geladen.</translation>
    </message>
    <message>
        <source>%1 wrote this answer, and %2 is loaded. Load %1 to verify it.</source>
        <translation>%1 hat diese Antwort geschrieben, geladen ist %2. Laden Sie %1, um sie nachzuprüfen.</translation>
    </message>
    <message>
        <source>The loaded %1 has other weights than the one that wrote this answer.</source>
        <translation>Das geladene %1 hat andere Gewichte als das, das diese Antwort geschrieben hat.</translation>
    </message>
    <message numerus="yes">
        <source>Dense reading could have drawn each of the %n tokens.</source>
        <translation>
            <numerusform>Mit vollem Lesen hätte das Token gezogen werden können.</numerusform>
            <numerusform>Mit vollem Lesen hätte jedes der %n Token gezogen werden können.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>No difference: the verifier alone writes the same %n tokens.</source>
        <translation>
            <numerusform>Kein Unterschied: Der Prüfer allein schreibt dasselbe Token.</numerusform>
            <numerusform>Kein Unterschied: Der Prüfer allein schreibt dieselben %n Token.</numerusform>
        </translation>
    </message>
    <message>
        <source>At token %1 of %2 stands one that dense reading never draws.</source>
        <translation>Token %1 von %2 ist eines, das mit vollem Lesen nie gezogen wird.</translation>
    </message>
    <message>
        <source>The first difference is at token %1 of %2.</source>
        <translation>Der erste Unterschied liegt bei Token %1 von %2.</translation>
    </message>
    <message>
        <source>its end</source>
        <translation>ihr Ende</translation>
    </message>
    <message>
        <source>the end of the answer</source>
        <translation>das Ende der Antwort</translation>
    </message>
    <message>
        <source>The answer has %1, which the verifier gives %2. It draws %3, which it gives %4.</source>
        <translation>In der Antwort steht %1, dem der Prüfer %2 gibt. Er zieht %3, dem er %4 gibt.</translation>
    </message>
    <message>
        <source>The mode of this answer promises the tokens of dense reading, from the same seed. A difference comes from other arithmetic (another backend, or a number that rounds the other way where two tokens are almost equally likely), or it is a fault.</source>
        <translation>Der Modus dieser Antwort verspricht die Token des vollen Lesens, aus demselben Startwert. Ein Unterschied kommt von anderem Rechnen (einem anderen Rechenwerk, oder einer Zahl, die anders gerundet wird, wo zwei Token fast gleich wahrscheinlich sind), oder er ist ein Fehler.</translation>
    </message>
    <message>
        <source>The mode of this answer promises that, and it held: draft and selection changed how fast the answer came, not what it says.</source>
        <translation>Der Modus dieser Antwort verspricht das und hat es gehalten: Entwurf und Auswahl änderten, wie schnell die Antwort kam, nicht, was sie sagt.</translation>
    </message>
    <message>
        <source>Mode Sparse promises no equality. Here the entries that were left out changed the choice; what follows in the answer follows from it.</source>
        <translation>Der Modus Sparsam verspricht keine Gleichheit. Hier haben die ausgelassenen Einträge die Wahl geändert; was in der Antwort danach kommt, folgt daraus.</translation>
    </message>
    <message>
        <source>Mode Sparse does not promise that. In this answer, what was left out changed no choice.</source>
        <translation>Der Modus Sparsam verspricht das nicht. In dieser Antwort hat das Ausgelassene keine Wahl geändert.</translation>
    </message>
    <message>
        <source>A sampled answer in mode Sparse is drawn with other random numbers than dense reading uses, so that other tokens from the same seed say nothing. What can be compared are the chances: a token that dense reading never draws, after the sampling filters, is one that leaving out entries made possible.</source>
        <translation>Eine gezogene Antwort im Modus Sparsam benutzt andere Zufallszahlen als das volle Lesen; andere Token aus demselben Startwert besagen deshalb nichts. Vergleichen lassen sich die Wahrscheinlichkeiten: Ein Token, das mit vollem Lesen, nach den Filtern, nie gezogen wird, wurde durch das Auslassen von Einträgen möglich.</translation>
    </message>
    <message>
        <source>%1 of %2 tokens are those that the verifier draws, each after the answer&apos;s own text.</source>
        <translation>%1 von %2 Token sind die, die der Prüfer zieht, jedes nach dem Text der Antwort selbst.</translation>
    </message>
    <message>
        <source>One token it never draws.</source>
        <translation>Ein Token zieht er nie.</translation>
    </message>
    <message numerus="yes">
        <source>%n tokens it never draws.</source>
        <translation>
            <numerusform>%n Token zieht er nie.</numerusform>
            <numerusform>%n Token zieht er nie.</numerusform>
        </translation>
    </message>
    <message>
        <source>The verifier gives the others %1 on the geometric mean.</source>
        <translation>Den übrigen gibt der Prüfer im geometrischen Mittel %1.</translation>
    </message>
    <message>
        <source>The verifier gives them %1 on the geometric mean.</source>
        <translation>Der Prüfer gibt ihnen im geometrischen Mittel %1.</translation>
    </message>
</context>
<context>
    <name>fovea::ui::AnswerComparison</name>
    <message>
        <source>Version %1 of %2</source>
        <translation>Fassung %1 von %2</translation>
    </message>
    <message>
        <source>An answer without a question</source>
        <translation>Eine Antwort ohne Frage</translation>
    </message>
    <message>
        <source>There is no other answer in this chat. Answer a question anew, perhaps in another mode, to compare.</source>
        <translation>In diesem Chat gibt es keine andere Antwort. Lassen Sie eine Frage neu beantworten, vielleicht in einem anderen Modus, um zu vergleichen.</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>Wird geladen…</translation>
    </message>
    <message>
        <source>Nothing was recorded of that answer.</source>
        <translation>Von jener Antwort wurde nichts aufgezeichnet.</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>Modus</translation>
    </message>
    <message>
        <source>How the verifier checked what it wrote.</source>
        <translation>Wie der Prüfer prüfte, was er schrieb.</translation>
    </message>
    <message>
        <source>Attention top-p</source>
        <translation>Aufmerksamkeits-Top-p</translation>
    </message>
    <message>
        <source>Share of the attention that was to be kept, in the modes that select.</source>
        <translation>Anteil der Aufmerksamkeit, der behalten werden sollte, in den Modi, die auswählen.</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Of the answer.</source>
        <translation>Der Antwort.</translation>
    </message>
    <message>
        <source>Tokens a second</source>
        <translation>Token je Sekunde</translation>
    </message>
    <message>
        <source>While the answer was written, after the prompt was read.</source>
        <translation>Während die Antwort geschrieben wurde, nachdem die Eingabe gelesen war.</translation>
    </message>
    <message>
        <source>First token after</source>
        <translation>Erstes Token nach</translation>
    </message>
    <message>
        <source>Reading the prompt included.</source>
        <translation>Das Lesen der Eingabe eingeschlossen.</translation>
    </message>
    <message>
        <source>KV reads saved</source>
        <translation>KV-Lesezugriffe gespart</translation>
    </message>
    <message>
        <source>Share of the cache entries that verification did not read, against dense reading.</source>
        <translation>Anteil der Cache-Einträge, die das Prüfen nicht gelesen hat, verglichen mit vollem Lesen.</translation>
    </message>
    <message>
        <source>Attention kept</source>
        <translation>Aufmerksamkeit behalten</translation>
    </message>
    <message>
        <source>Estimated share of the attention that lies on what was read.</source>
        <translation>Geschätzter Anteil der Aufmerksamkeit, der auf dem Gelesenen liegt.</translation>
    </message>
    <message>
        <source>Tokens a pass</source>
        <translation>Token je Durchgang</translation>
    </message>
    <message>
        <source>Tokens of the answer for each pass of the verifier.</source>
        <translation>Token der Antwort je Durchgang des Prüfers.</translation>
    </message>
    <message>
        <source>Drafts accepted</source>
        <translation>Entwürfe angenommen</translation>
    </message>
    <message>
        <source>Share of the proposed tokens that stand.</source>
        <translation>Anteil der vorgeschlagenen Token, die stehen bleiben.</translation>
    </message>
    <message>
        <source>Cache read a token</source>
        <translation>Cache gelesen je Token</translation>
    </message>
    <message>
        <source>Keys and values that the verifier read for each token.</source>
        <translation>Schlüssel und Werte, die der Prüfer für jedes Token gelesen hat.</translation>
    </message>
    <message>
        <source>reads all</source>
        <translation>liest alles</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>no draft</source>
        <translation>kein Entwurfsmodell</translation>
    </message>
    <message>
        <source>Layer %1: this answer read %2, the other %3</source>
        <translation>Schicht %1: Diese Antwort las %2, die andere %3</translation>
    </message>
</context>
<context>
    <name>fovea::ui::Appearance</name>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
</context>
<context>
    <name>fovea::ui::AttachmentListModel</name>
    <message>
        <source>1 token</source>
        <translation>1 Token</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 Token</translation>
    </message>
</context>
<context>
    <name>fovea::ui::ChatController</name>
    <message>
        <source>New chat</source>
        <translation>Neuer Chat</translation>
    </message>
    <message>
        <source>This is answered as soon as the model is loaded.</source>
        <translation>Das wird beantwortet, sobald das Modell geladen ist.</translation>
    </message>
    <message>
        <source>Answering. You can type your next message meanwhile.</source>
        <translation>Antwortet. Sie können inzwischen weiterschreiben.</translation>
    </message>
    <message>
        <source>Another chat is being answered. Wait for it, or stop it.</source>
        <translation>Ein anderer Chat wird beantwortet. Warten Sie, oder halten Sie ihn an.</translation>
    </message>
    <message>
        <source>Opening this chat…</source>
        <translation>Dieser Chat wird geöffnet …</translation>
    </message>
    <message>
        <source>No model is loaded, see above.</source>
        <translation>Es ist kein Modell geladen, siehe oben.</translation>
    </message>
    <message>
        <source>Written to %1</source>
        <translation>Geschrieben nach %1</translation>
    </message>
    <message>
        <source>One chat was imported.</source>
        <translation>Ein Chat wurde importiert.</translation>
    </message>
    <message numerus="yes">
        <source>%n chats were imported.</source>
        <translation>
            <numerusform>%n Chat wurde importiert.</numerusform>
            <numerusform>%n Chats wurden importiert.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 (copy)</source>
        <translation>%1 (Kopie)</translation>
    </message>
</context>
<context>
    <name>fovea::ui::ConversationListModel</name>
    <message>
        <source>New chat</source>
        <translation>Neuer Chat</translation>
    </message>
    <message>
        <source>Archived</source>
        <translation>Archiviert</translation>
    </message>
    <message>
        <source>Pinned</source>
        <translation>Angeheftet</translation>
    </message>
</context>
<context>
    <name>fovea::ui::InsightsChart</name>
    <message>
        <source>step 1</source>
        <translation>Schritt 1</translation>
    </message>
    <message>
        <source>position 0</source>
        <translation>Position 0</translation>
    </message>
</context>
<context>
    <name>fovea::ui::InsightsViewModel</name>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>Ask something: what the answer reads is shown here while it is written.</source>
        <translation>Fragen Sie etwas: Was die Antwort liest, wird hier gezeigt, während sie geschrieben wird.</translation>
    </message>
    <message>
        <source>Waiting for the first step…</source>
        <translation>Wartet auf den ersten Schritt …</translation>
    </message>
    <message>
        <source>Nothing was recorded of this answer: it failed, or was written by an older Fovea.</source>
        <translation>Von dieser Antwort wurde nichts aufgezeichnet: Sie ist gescheitert oder stammt von einem älteren Fovea.</translation>
    </message>
    <message numerus="yes">
        <source>%n steps wrote this answer.</source>
        <translation>
            <numerusform>%n Schritt hat diese Antwort geschrieben.</numerusform>
            <numerusform>%n Schritte haben diese Antwort geschrieben.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of the entries that dense reading would have read were left out.</source>
        <translation>%1 der Einträge, die volles Lesen gelesen hätte, wurden weggelassen.</translation>
    </message>
    <message>
        <source>%1 of the proposed tokens were accepted.</source>
        <translation>%1 der vorgeschlagenen Token wurden angenommen.</translation>
    </message>
    <message>
        <source>Older turns were dropped in the middle: positions before and after do not agree.</source>
        <translation>Mittendrin wurden ältere Nachrichten weggelassen: Die Positionen davor und danach stimmen nicht überein.</translation>
    </message>
    <message>
        <source>KV reads saved</source>
        <translation>KV-Lesezugriffe gespart</translation>
    </message>
    <message>
        <source>Share of the cache entries that verification did not read, against dense reading.</source>
        <translation>Anteil der Cache-Einträge, die das Prüfen nicht gelesen hat, verglichen mit vollem Lesen.</translation>
    </message>
    <message>
        <source>Attention kept</source>
        <translation>Aufmerksamkeit behalten</translation>
    </message>
    <message>
        <source>Estimated share of the attention that lies on what was read.</source>
        <translation>Geschätzter Anteil der Aufmerksamkeit, der auf dem Gelesenen liegt.</translation>
    </message>
    <message>
        <source>Tokens a pass</source>
        <translation>Token je Durchgang</translation>
    </message>
    <message>
        <source>Tokens of the answer for each pass of the verifier.</source>
        <translation>Token der Antwort je Durchgang des Prüfers.</translation>
    </message>
    <message>
        <source>Drafts accepted</source>
        <translation>Entwürfe angenommen</translation>
    </message>
    <message>
        <source>no draft</source>
        <translation>kein Entwurfsmodell</translation>
    </message>
    <message>
        <source>Share of the proposed tokens that stand.</source>
        <translation>Anteil der vorgeschlagenen Token, die stehen bleiben.</translation>
    </message>
    <message>
        <source>Cache read a token</source>
        <translation>Cache gelesen je Token</translation>
    </message>
    <message>
        <source>Keys and values that the verifier read for each token.</source>
        <translation>Schlüssel und Werte, die der Prüfer für jedes Token gelesen hat.</translation>
    </message>
    <message>
        <source>Time saved, estimated</source>
        <translation>Zeit gespart, geschätzt</translation>
    </message>
    <message>
        <source>Bytes not read, at the speed of this answer&apos;s passes: their time over the weights and entries that they read. Too much where arithmetic and not memory limits them.</source>
        <translation>Nicht gelesene Bytes, bei der Geschwindigkeit der Durchgänge dieser Antwort: ihre Zeit, geteilt durch die Gewichte und Einträge, die sie gelesen haben. Zu viel, wo das Rechnen und nicht der Speicher sie begrenzt.</translation>
    </message>
    <message>
        <source>Draft</source>
        <translation>Entwerfen</translation>
    </message>
    <message>
        <source>Select</source>
        <translation>Auswählen</translation>
    </message>
    <message>
        <source>Verify</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>Sample</source>
        <translation>Ziehen</translation>
    </message>
    <message>
        <source>Layer %1, positions %2 to %3</source>
        <translation>Schicht %1, Positionen %2 bis %3</translation>
    </message>
    <message>
        <source>read %1 of %2 times (%3), %4</source>
        <translation>%1 von %2 Mal gelesen (%3), %4</translation>
    </message>
    <message>
        <source>left out: %1, about %2</source>
        <translation>ausgelassen: %1, ungefähr %2</translation>
    </message>
</context>
<context>
    <name>fovea::ui::MessageListModel</name>
    <message>
        <source>You stopped this before the first word.</source>
        <translation>Sie haben das vor dem ersten Wort angehalten.</translation>
    </message>
    <message>
        <source>You stopped this answer.</source>
        <translation>Sie haben diese Antwort angehalten.</translation>
    </message>
    <message>
        <source>Fovea was closed before this was answered.</source>
        <translation>Fovea wurde geschlossen, bevor das beantwortet war.</translation>
    </message>
    <message>
        <source>Fovea was closed while this was being written. The rest is missing.</source>
        <translation>Fovea wurde geschlossen, während das geschrieben wurde. Der Rest fehlt.</translation>
    </message>
    <message>
        <source>This could not be answered.</source>
        <translation>Das konnte nicht beantwortet werden.</translation>
    </message>
    <message>
        <source>The model had nothing to say.</source>
        <translation>Das Modell hatte nichts zu sagen.</translation>
    </message>
    <message>
        <source>1 token</source>
        <translation>1 Token</translation>
    </message>
    <message numerus="yes">
        <source>%n tokens</source>
        <translation>
            <numerusform>%n Token</numerusform>
            <numerusform>%n Token</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 tokens/s</source>
        <translation>%1 Token/s</translation>
    </message>
    <message>
        <source>%1% of drafts accepted</source>
        <translation>%1 % der Entwürfe angenommen</translation>
    </message>
    <message>
        <source>The oldest message no longer fits and was left out.</source>
        <translation>Die älteste Nachricht passt nicht mehr und wurde weggelassen.</translation>
    </message>
    <message numerus="yes">
        <source>The oldest %n messages no longer fit and were left out.</source>
        <translation>
            <numerusform>Die älteste Nachricht passt nicht mehr und wurde weggelassen.</numerusform>
            <numerusform>Die ältesten %n Nachrichten passen nicht mehr und wurden weggelassen.</numerusform>
        </translation>
    </message>
    <message>
        <source>This answer reached its limit of length.</source>
        <translation>Diese Antwort hat ihre Längengrenze erreicht.</translation>
    </message>
    <message>
        <source>first after %1 s</source>
        <translation>erstes nach %1 s</translation>
    </message>
</context>
<context>
    <name>fovea::ui::ModelViewModel</name>
    <message>
        <source>%1 billion parameters</source>
        <translation>%1 Milliarden Parameter</translation>
    </message>
    <message>
        <source>%1 million parameters</source>
        <translation>%1 Millionen Parameter</translation>
    </message>
    <message numerus="yes">
        <source>%n layers</source>
        <translation>
            <numerusform>%n Schicht</numerusform>
            <numerusform>%n Schichten</numerusform>
        </translation>
    </message>
    <message>
        <source>trained for %1 tokens</source>
        <translation>trainiert für %1 Token</translation>
    </message>
    <message>
        <source>No draft</source>
        <translation>Kein Entwurfsmodell</translation>
    </message>
    <message>
        <source>Only mode Dense works without a draft.</source>
        <translation>Ohne Entwurfsmodell geht nur der Modus Voll.</translation>
    </message>
    <message>
        <source>Would run on the GPU: %1</source>
        <translation>Liefe auf der Grafikkarte: %1</translation>
    </message>
    <message numerus="yes">
        <source>Would run on the processor: %1, %n threads</source>
        <translation>
            <numerusform>Liefe auf dem Prozessor: %1, %n Thread</numerusform>
            <numerusform>Liefe auf dem Prozessor: %1, %n Threads</numerusform>
        </translation>
    </message>
    <message>
        <source>Longer than the %1 tokens it was trained for: answers get worse beyond them.</source>
        <translation>Länger als die %1 Token, für die es trainiert wurde: Darüber hinaus werden die Antworten schlechter.</translation>
    </message>
    <message>
        <source>0 takes the %1 tokens the model was trained for.</source>
        <translation>0 nimmt die %1 Token, für die das Modell trainiert wurde.</translation>
    </message>
    <message>
        <source>Draft: weights</source>
        <translation>Entwurfsmodell: Gewichte</translation>
    </message>
    <message>
        <source>Verifier: weights</source>
        <translation>Prüfer: Gewichte</translation>
    </message>
    <message>
        <source>Draft: KV cache</source>
        <translation>Entwurfsmodell: KV-Cache</translation>
    </message>
    <message>
        <source>Verifier: KV cache</source>
        <translation>Prüfer: KV-Cache</translation>
    </message>
    <message>
        <source>Working memory</source>
        <translation>Arbeitsspeicher der Rechnung</translation>
    </message>
    <message>
        <source>Needs %1 of %2 free</source>
        <translation>Braucht %1 von %2 freien</translation>
    </message>
    <message>
        <source>Needs %1</source>
        <translation>Braucht %1</translation>
    </message>
    <message>
        <source>That is more than is free: it will load, and be slow. Choose a shorter context or a smaller model, or close other programs.</source>
        <translation>Das ist mehr, als frei ist: Es lädt, wird aber langsam sein. Wählen Sie einen kürzeren Kontext oder ein kleineres Modell, oder schließen Sie andere Programme.</translation>
    </message>
</context>
<context>
    <name>fovea::ui::SearchModel</name>
    <message>
        <source>New chat</source>
        <translation>Neuer Chat</translation>
    </message>
</context>
<context>
    <name>fovea::ui::SettingsViewModel</name>
    <message>
        <source>The settings could not be written to %1. They count until the program ends.</source>
        <translation>Die Einstellungen konnten nicht nach %1 geschrieben werden. Sie gelten, bis das Programm endet.</translation>
    </message>
    <message>
        <source>Needs a draft, and none is loaded.</source>
        <translation>Braucht ein Entwurfsmodell, und es ist keines geladen.</translation>
    </message>
    <message>
        <source>Dense</source>
        <translation>Voll</translation>
    </message>
    <message>
        <source>The verifier alone, one token a pass: the reference.</source>
        <translation>Der Prüfer allein, ein Token je Durchgang: der Maßstab.</translation>
    </message>
    <message>
        <source>Speculative</source>
        <translation>Spekulativ</translation>
    </message>
    <message>
        <source>A draft proposes, the verifier checks several tokens in one pass: the answer of Dense, faster where the draft is often right.</source>
        <translation>Ein Entwurfsmodell schlägt vor, der Prüfer prüft mehrere Token in einem Durchgang: die Antwort von Voll, schneller, wo der Entwurf oft stimmt.</translation>
    </message>
    <message>
        <source>Sparse</source>
        <translation>Sparsam</translation>
    </message>
    <message>
        <source>The verifier reads only the KV entries that are likely to matter: the fastest in long chats, and approximate.</source>
        <translation>Der Prüfer liest nur die KV-Einträge, auf die es wohl ankommt: in langen Chats am schnellsten, und näherungsweise.</translation>
    </message>
    <message>
        <source>Exact</source>
        <translation>Exakt</translation>
    </message>
    <message>
        <source>Sparse first, then one full pass that confirms or corrects: the answer of Dense. It pays where reading memory takes longer than computing.</source>
        <translation>Erst sparsam, dann ein voller Durchgang, der bestätigt oder berichtigt: die Antwort von Voll. Das lohnt sich, wo das Lesen des Speichers länger dauert als das Rechnen.</translation>
    </message>
    <message>
        <source>The draft&apos;s attention</source>
        <translation>Aufmerksamkeit des Entwurfsmodells</translation>
    </message>
    <message>
        <source>Where the draft looks, the verifier reads. The best of those that save reads.</source>
        <translation>Wohin das Entwurfsmodell schaut, liest der Prüfer. Das Beste von dem, was Lesen spart.</translation>
    </message>
    <message>
        <source>Beginning and end</source>
        <translation>Anfang und Ende</translation>
    </message>
    <message>
        <source>Only the first and the last entries, whatever they say.</source>
        <translation>Nur die ersten und die letzten Einträge, was auch darin steht.</translation>
    </message>
    <message>
        <source>Pages (Quest)</source>
        <translation>Seiten (Quest)</translation>
    </message>
    <message>
        <source>Pages of 16 entries, by a bound on how much they can matter.</source>
        <translation>Seiten von 16 Einträgen, nach einer Schranke dafür, wie wichtig sie sein können.</translation>
    </message>
    <message>
        <source>The verifier&apos;s attention</source>
        <translation>Aufmerksamkeit des Prüfers</translation>
    </message>
    <message>
        <source>An upper bound, for study: reads everything to choose, and saves nothing.</source>
        <translation>Eine obere Schranke, zum Untersuchen: liest alles, um auszuwählen, und spart nichts.</translation>
    </message>
    <message>
        <source>Not used now: only the modes Sparse and Exact leave KV entries out.</source>
        <translation>Jetzt nicht in Gebrauch: Nur die Modi Sparsam und Exakt lassen KV-Einträge weg.</translation>
    </message>
    <message>
        <source>Temperature 0 always takes the likeliest token: nothing is drawn.</source>
        <translation>Temperatur 0 nimmt immer das wahrscheinlichste Token: Es wird nichts gezogen.</translation>
    </message>
    <message>
        <source>Mode Dense works without a draft.</source>
        <translation>Der Modus Voll kommt ohne Entwurfsmodell aus.</translation>
    </message>
    <message>
        <source>This selector takes a budget instead.</source>
        <translation>Diese Auswahl nimmt stattdessen ein Budget.</translation>
    </message>
    <message>
        <source>This selector goes by attention top-p instead.</source>
        <translation>Diese Auswahl geht stattdessen nach dem Aufmerksamkeits-Top-p.</translation>
    </message>
    <message>
        <source>A repetition penalty of 1 is off.</source>
        <translation>Eine Wiederholungsstrafe von 1 ist aus.</translation>
    </message>
    <message>
        <source>Give the preset a name.</source>
        <translation>Geben Sie der Voreinstellung einen Namen.</translation>
    </message>
    <message>
        <source>The name is too long: %1 characters at most.</source>
        <translation>Der Name ist zu lang: höchstens %1 Zeichen.</translation>
    </message>
    <message>
        <source>“%1” comes with the program. Choose another name.</source>
        <translation>„%1“ gehört zum Programm. Wählen Sie einen anderen Namen.</translation>
    </message>
</context>
<context>
    <name>fovea::ui::StatisticsExporter</name>
    <message>
        <source>Written to %1</source>
        <translation>Geschrieben nach %1</translation>
    </message>
    <message numerus="yes">
        <source>What was recorded of %n answers is damaged and left out.</source>
        <translation>
            <numerusform>Die Aufzeichnung von %n Antwort ist beschädigt und fehlt.</numerusform>
            <numerusform>Die Aufzeichnungen von %n Antworten sind beschädigt und fehlen.</numerusform>
        </translation>
    </message>
    <message>
        <source>What was recorded of one answer is damaged and left out.</source>
        <translation>Die Aufzeichnung einer Antwort ist beschädigt und fehlt.</translation>
    </message>
</context>
<context>
    <name>fovea::ui::StatusViewModel</name>
    <message>
        <source>No model</source>
        <translation>Kein Modell</translation>
    </message>
    <message>
        <source>Loading the model…</source>
        <translation>Das Modell wird geladen …</translation>
    </message>
    <message>
        <source>Loading the model: %1…</source>
        <translation>Das Modell wird geladen: %1 …</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Bereit</translation>
    </message>
    <message>
        <source>Not loaded</source>
        <translation>Nicht geladen</translation>
    </message>
    <message>
        <source>Verifier: %1</source>
        <translation>Prüfer: %1</translation>
    </message>
    <message>
        <source>No draft model</source>
        <translation>Kein Entwurfsmodell</translation>
    </message>
    <message>
        <source>Draft: %1</source>
        <translation>Entwurfsmodell: %1</translation>
    </message>
    <message>
        <source>Runs on: %1</source>
        <translation>Läuft auf: %1</translation>
    </message>
    <message>
        <source>Runs on: %1 (%2)</source>
        <translation>Läuft auf: %1 (%2)</translation>
    </message>
    <message>
        <source>Context: %1 tokens</source>
        <translation>Kontext: %1 Token</translation>
    </message>
    <message>
        <source>Memory: %1 weights, %2 cache</source>
        <translation>Speicher: %1 Gewichte, %2 Cache</translation>
    </message>
    <message>
        <source>GPU</source>
        <translation>Grafikkarte</translation>
    </message>
    <message>
        <source>CPU, 1 thread</source>
        <translation>Prozessor, 1 Thread</translation>
    </message>
    <message numerus="yes">
        <source>CPU, %n threads</source>
        <translation>
            <numerusform>Prozessor, %n Thread</numerusform>
            <numerusform>Prozessor, %n Threads</numerusform>
        </translation>
    </message>
    <message>
        <source>Waiting for a model</source>
        <translation>Wartet auf ein Modell</translation>
    </message>
    <message>
        <source>Waiting for the model to load</source>
        <translation>Wartet, bis das Modell geladen ist</translation>
    </message>
    <message>
        <source>Fitting the draft to the model, once, %1%</source>
        <translation>Richtet das Entwurfsmodell aus, einmalig, %1 %</translation>
    </message>
    <message>
        <source>Reading the chat, %1%</source>
        <translation>Liest den Chat, %1 %</translation>
    </message>
    <message>
        <source>Reading the chat</source>
        <translation>Liest den Chat</translation>
    </message>
    <message>
        <source>Answering</source>
        <translation>Antwortet</translation>
    </message>
    <message>
        <source>Stopping</source>
        <translation>Hält an</translation>
    </message>
    <message>
        <source>%1 tokens/s</source>
        <translation>%1 Token/s</translation>
    </message>
    <message>
        <source>%1% of drafts accepted</source>
        <translation>%1 % der Entwürfe angenommen</translation>
    </message>
    <message>
        <source>%1% of KV reads saved</source>
        <translation>%1 % der KV-Lesezugriffe gespart</translation>
    </message>
    <message>
        <source>The context holds %1 of %2 tokens.</source>
        <translation>Der Kontext enthält %1 von %2 Token.</translation>
    </message>
    <message numerus="yes">
        <source>%1, about %n s left</source>
        <translation>
            <numerusform>%1, noch ungefähr %n s</numerusform>
            <numerusform>%1, noch ungefähr %n s</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1, about %n min left</source>
        <translation>
            <numerusform>%1, noch ungefähr %n min</numerusform>
            <numerusform>%1, noch ungefähr %n min</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>fovea::ui::StepsViewModel</name>
    <message>
        <source>Reading the steps of this chat…</source>
        <translation>Die Schritte dieses Chats werden gelesen…</translation>
    </message>
    <message numerus="yes">
        <source>%n steps</source>
        <translation>
            <numerusform>%n Schritt</numerusform>
            <numerusform>%n Schritte</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 in %2</source>
        <translation>%1 in %2</translation>
    </message>
    <message numerus="yes">
        <source>%n answers</source>
        <translation>
            <numerusform>%n Antwort</numerusform>
            <numerusform>%n Antworten</numerusform>
        </translation>
    </message>
    <message>
        <source>Step %1</source>
        <translation>Schritt %1</translation>
    </message>
    <message>
        <source>Answer %1, step %2</source>
        <translation>Antwort %1, Schritt %2</translation>
    </message>
    <message>
        <source>, layer %1</source>
        <translation>, Schicht %1</translation>
    </message>
    <message>
        <source>%1 of the entries read, %2 of the attention kept</source>
        <translation>%1 der Einträge gelesen, %2 der Aufmerksamkeit behalten</translation>
    </message>
    <message>
        <source>everything read again to confirm what was written</source>
        <translation>alles noch einmal gelesen, um das Geschriebene zu bestätigen</translation>
    </message>
    <message>
        <source>%1: %2, %3 of %4 proposals accepted</source>
        <translation>%1: %2, %3 von %4 Vorschlägen angenommen</translation>
    </message>
    <message>
        <source>1 step</source>
        <translation>1 Schritt</translation>
    </message>
    <message>
        <source>1 answer</source>
        <translation>1 Antwort</translation>
    </message>
</context>
<context>
    <name>fovea::ui::TokenMarks</name>
    <message>
        <source>%1 at position %2: the answer read %3 of the stretch of %4 tokens around it.</source>
        <translation>%1 an Position %2: Vom Stück aus %4 Token, in dem es steht, hat die Antwort %3 gelesen.</translation>
    </message>
    <message>
        <source>%1 was written by step %2, which read %3 of the entries before it.</source>
        <translation>%1 hat Schritt %2 geschrieben, der %3 der Einträge davor gelesen hat.</translation>
    </message>
    <message>
        <source>Where it read was not recorded: the answer is very long.</source>
        <translation>Wo er las, wurde nicht aufgezeichnet: Die Antwort ist sehr lang.</translation>
    </message>
    <message>
        <source>A dense pass confirmed it.</source>
        <translation>Ein Durchgang mit vollem Lesen hat es bestätigt.</translation>
    </message>
    <message>
        <source>The draft proposed %1, the verifier chose %2. The draws of this mode need no probabilities: verify the answer to find them out.</source>
        <translation>Das Entwurfsmodell schlug %1 vor, der Prüfer wählte %2. Das Ziehen in diesem Modus braucht keine Wahrscheinlichkeiten: Prüfen Sie die Antwort nach, um sie zu erfahren.</translation>
    </message>
    <message>
        <source>The draft proposed %1 with %2. The verifier gave it %3 and chose %4, with %5.</source>
        <translation>Das Entwurfsmodell schlug %1 mit %2 vor. Der Prüfer gab dem %3 und wählte %4, mit %5.</translation>
    </message>
    <message>
        <source>Sparse reading wrote %1 here; the dense pass that confirms it corrected it to %2.</source>
        <translation>Sparsames Lesen schrieb hier %1; der bestätigende Durchgang mit vollem Lesen hat es zu %2 berichtigt.</translation>
    </message>
    <message>
        <source>%1 was proposed by the draft, and accepted.</source>
        <translation>%1 hat das Entwurfsmodell vorgeschlagen, und es wurde angenommen.</translation>
    </message>
    <message>
        <source>%1 is the verifier&apos;s own: nothing was proposed in its place.</source>
        <translation>%1 kommt vom Prüfer selbst: An seiner Stelle war nichts vorgeschlagen.</translation>
    </message>
    <message>
        <source>The verifier draws %1 too; it gives it %2.</source>
        <translation>Auch der Prüfer zieht %1; er gibt ihm %2.</translation>
    </message>
    <message>
        <source>the end of the answer</source>
        <translation>das Ende der Antwort</translation>
    </message>
    <message>
        <source>The answer has %1, which the verifier gives %2. It draws %3, which it gives %4.</source>
        <translation>In der Antwort steht %1, dem der Prüfer %2 gibt. Er zieht %3, dem er %4 gibt.</translation>
    </message>
    <message>
        <source>The mode of this answer leaves nothing out: everything was read, as often as there was a pass. Mode Sparse chooses.</source>
        <translation>Der Modus dieser Antwort lässt nichts aus: Alles wurde gelesen, in jedem Durchgang. Der Modus Sparsam wählt aus.</translation>
    </message>
    <message>
        <source>Choose a word of the answer to see what it read: click it, or move with the arrow keys.</source>
        <translation>Wählen Sie ein Wort der Antwort, um zu sehen, was es gelesen hat: mit einem Klick oder den Pfeiltasten.</translation>
    </message>
    <message>
        <source>Choose a word to see who proposed it.</source>
        <translation>Wählen Sie ein Wort, um zu sehen, wer es vorgeschlagen hat.</translation>
    </message>
    <message>
        <source>Choose a word to see how likely it is to the verifier.</source>
        <translation>Wählen Sie ein Wort, um zu sehen, wie wahrscheinlich es dem Prüfer ist.</translation>
    </message>
</context>
<context>
    <name>fovea::ui::builtinPresets</name>
    <message>
        <source>Balanced</source>
        <translation>Ausgewogen</translation>
    </message>
    <message>
        <source>The verifier&apos;s own answer, with a draft that runs ahead of it.</source>
        <translation>Die eigene Antwort des Prüfers, mit einem Entwurfsmodell, das ihm vorausläuft.</translation>
    </message>
    <message>
        <source>Exact</source>
        <translation>Exakt</translation>
    </message>
    <message>
        <source>The same answer as Balanced, token by token, with fewer KV entries read. On the measured processor about as fast.</source>
        <translation>Dieselbe Antwort wie Ausgewogen, Token für Token, bei weniger gelesenen KV-Einträgen. Auf dem gemessenen Prozessor etwa gleich schnell.</translation>
    </message>
    <message>
        <source>Fastest</source>
        <translation>Am schnellsten</translation>
    </message>
    <message>
        <source>Approximate: reads about a fifth of the KV entries. In a chat of 3,700 tokens 1.7 to 1.9 times as fast as Balanced on the measured processor; the likeliest token differs 6 times in 100.</source>
        <translation>Näherungsweise: liest etwa ein Fünftel der KV-Einträge. In einem Chat von 3.700 Token auf dem gemessenen Prozessor 1,7- bis 1,9-mal so schnell wie Ausgewogen; das wahrscheinlichste Token weicht 6-mal von 100 ab.</translation>
    </message>
</context>
<context>
    <name>fovea::ui::dateSection</name>
    <message>
        <source>Today</source>
        <translation>Heute</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>Gestern</translation>
    </message>
    <message>
        <source>Previous 7 days</source>
        <translation>Letzte 7 Tage</translation>
    </message>
    <message>
        <source>Older</source>
        <translation>Älter</translation>
    </message>
</context>
</TS>
