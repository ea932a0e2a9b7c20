<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
<context>
    <name>AboutDialog</name>
    <message>
        <source>About Fovea</source>
        <translation>À propos de Fovea</translation>
    </message>
    <message>
        <source>Fovea %1
A local chat that shows its attention.
MIT licence.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its engine implements and goes beyond “SpecAttn: Speculating Sparse Attention” (arXiv 2510.27641).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Built with</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The built-in pair was trained for Fovea on openly licensed text; its model card lies beside it. The calibration text is MIT.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Welcome</source>
        <translation>Bienvenue</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Fermer</translation>
    </message>
</context>
<context>
    <name>AlignmentPart</name>
    <message>
        <source>Alignment of the pair</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No draft is loaded.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking for it…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This pair was not aligned yet. The first question in mode Sparse or Exact does it, or you do it now.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which layers of the draft look where the verifier&apos;s layers look.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Verifier</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Map of %1 verifier layers against %2 draft layers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draft layer →</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Head map: part of the layer&apos;s heads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layer path</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Aligning, %1%</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Arrêter</translation>
    </message>
    <message>
        <source>Compute it again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Align now</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>AppearanceSection</name>
    <message>
        <source>As the system</source>
        <translation>Comme le système</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Clair</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Sombre</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Contraste élevé</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Apparence</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Thème</translation>
    </message>
    <message>
        <source>Light or dark follows the system.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Font size</source>
        <translation>Taille du texte</translation>
    </message>
    <message>
        <source>%1%</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Langue</translation>
    </message>
    <message>
        <source>Counts from the next start on.</source>
        <translation>Prend effet au prochain démarrage.</translation>
    </message>
</context>
<context>
    <name>AttentionSection</name>
    <message>
        <source>Attention</source>
        <translation>Attention</translation>
    </message>
    <message>
        <source>Attention top-p</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share of the attention that is read, beside sinks and window: less reads fewer KV entries and is further from the full answer. Has nothing to do with the choice of words (that is the sampling top-p).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Selector</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Budget</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share of the KV entries that are read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sinks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First tokens of the chat, always read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last tokens before the one to come, always read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dense layers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First layers of the verifier that read everything.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Banners</name>
    <message>
        <source>The model could not be loaded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Réessayer</translation>
    </message>
    <message>
        <source>Use the built-in model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your chats may not be saved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>Masquer</translation>
    </message>
    <message>
        <source>Your chats were brought up to date</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ChatHeader</name>
    <message>
        <source>Hide the list of chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the list of chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close the settings</source>
        <translation>Fermer les réglages</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Réglages</translation>
    </message>
    <message>
        <source>This chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Instruction…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rename</source>
        <translation type="unfinished">Renommer</translation>
    </message>
    <message>
        <source>Export this chat…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close the insights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Insights: what the answer reads</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CheckPage</name>
    <message>
        <source>Replays the answer densely and without a draft: at each word it asks the verifier alone what it draws there, with the answer&apos;s own seed and options.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Verifying, %1%</source>
        <translation>Vérification, %1 %</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Arrêter</translation>
    </message>
    <message>
        <source>Verify again</source>
        <translation>Vérifier à nouveau</translation>
    </message>
    <message>
        <source>Verify this answer</source>
        <translation>Vérifier cette réponse</translation>
    </message>
    <message>
        <source>The answer, by what the verifier draws</source>
        <translation>La réponse, selon ce que tire le vérificateur</translation>
    </message>
    <message numerus="yes">
        <source>%n never drawn densely</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n drawn differently</source>
        <translation>
            <numerusform>%n tiré autrement</numerusform>
            <numerusform>%n tirés autrement</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CloseDialog</name>
    <message>
        <source>An answer is being written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What has been written so far is saved. You can let the model go on with it later.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop and close</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep answering</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CodeBlock</name>
    <message>
        <source>Code</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copied</source>
        <translation type="unfinished">Copié</translation>
    </message>
    <message>
        <source>Copy code</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Code in %1</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ComparePage</name>
    <message>
        <source>This answer beside another one of this chat.</source>
        <translation>Cette réponse à côté d’une autre de cette discussion.</translation>
    </message>
    <message>
        <source>Compare with</source>
        <translation>Comparer avec</translation>
    </message>
    <message>
        <source>this answer</source>
        <translation>celle-ci</translation>
    </message>
    <message>
        <source>the other</source>
        <translation>l’autre</translation>
    </message>
    <message>
        <source>%1: this answer %2, the other %3</source>
        <translation>%1 : cette réponse %2, l’autre %3</translation>
    </message>
    <message>
        <source>Read by each layer</source>
        <translation>Lu par chaque couche</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Write a message</source>
        <translation>Écrire un message</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Message</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Arrêter</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Envoyer</translation>
    </message>
    <message>
        <source>Stop  Esc</source>
        <translation>Arrêter  Échap</translation>
    </message>
    <message>
        <source>Send  Enter</source>
        <translation>Envoyer  Entrée</translation>
    </message>
    <message>
        <source>Enter sends, Shift+Enter starts a new line</source>
        <translation>Entrée envoie, Maj+Entrée passe à la ligne</translation>
    </message>
    <message>
        <source>Editing an earlier question. It will be asked anew; the first version stays.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attached: %1, %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take away</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attach a text or PDF file</source>
        <translation>Joindre un fichier texte ou PDF</translation>
    </message>
</context>
<context>
    <name>ConversationDelegate</name>
    <message>
        <source>%1, being answered</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Renommer</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Supprimer</translation>
    </message>
    <message>
        <source>Del</source>
        <translation>Suppr</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pin</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bring back from the archive</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Archive</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ConversationList</name>
    <message>
        <source>Chats</source>
        <translation>Discussions</translation>
    </message>
</context>
<context>
    <name>DecodingSection</name>
    <message>
        <source>Decoding</source>
        <translation>Décodage</translation>
    </message>
    <message>
        <source>Drafted tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many the draft proposes in one step, at most. How many it does is decided by what drafting costs and brings.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>DraftPage</name>
    <message>
        <source>The answer, by who proposed each word of it.</source>
        <translation>La réponse, selon qui a proposé chaque mot.</translation>
    </message>
    <message>
        <source>The answer, by who proposed each word of it</source>
        <translation>La réponse, selon qui a proposé chaque mot</translation>
    </message>
    <message>
        <source>the draft&apos;s, accepted</source>
        <translation>de l’ébauche, accepté</translation>
    </message>
    <message>
        <source>in the place of a refused one</source>
        <translation>à la place d’un mot refusé</translation>
    </message>
    <message>
        <source>the verifier&apos;s own</source>
        <translation>du vérificateur</translation>
    </message>
    <message numerus="yes">
        <source>%n refused</source>
        <translation>
            <numerusform>%n refusé</numerusform>
            <numerusform>%n refusés</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>EmptyState</name>
    <message>
        <source>Who are you?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Do you like music?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What do you like to do in the morning?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is economics?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What shall we talk about?</source>
        <translation>De quoi parlons-nous ?</translation>
    </message>
    <message>
        <source>The built-in model is small: 51 million parameters. It is a demonstration that chats and tells stories, and it is usually wrong about facts. It runs on this computer; nothing leaves it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model runs on this computer; nothing leaves it.</source>
        <translation>Le modèle tourne sur cet ordinateur ; rien n’en sort.</translation>
    </message>
</context>
<context>
    <name>ExampleCard</name>
    <message>
        <source>Ask: %1</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FigureText</name>
    <message>
        <source>not known</source>
        <translation>inconnu</translation>
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
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Markdown (*.md)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export all chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import chats of Fovea, Open WebUI or ChatGPT</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Chats</source>
        <translation type="unfinished">Discussions</translation>
    </message>
    <message>
        <source>Attach a text or PDF file</source>
        <translation>Joindre un fichier texte ou PDF</translation>
    </message>
</context>
<context>
    <name>InsightsPanel</name>
    <message>
        <source>Insights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The answer before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Answer %1 of %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The answer after</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished">Fermer</translation>
    </message>
    <message>
        <source>Step by step</source>
        <translation>Étape par étape</translation>
    </message>
    <message>
        <source>What each layer read</source>
        <translation>Ce que chaque couche a lu</translation>
    </message>
    <message>
        <source>Accepted, by place in the draft</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time by stage</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>InsightsTabs</name>
    <message>
        <source>Insights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Figures</source>
        <translation>Chiffres</translation>
    </message>
    <message>
        <source>Reads</source>
        <translation>Lectures</translation>
    </message>
    <message>
        <source>Draft</source>
        <translation>Ébauche</translation>
    </message>
    <message>
        <source>Verify</source>
        <translation>Vérifier</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Comparer</translation>
    </message>
</context>
<context>
    <name>LoadBar</name>
    <message>
        <source>Loading the model…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What you changed here counts after loading. Until then the loaded pair goes on answering.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Load</source>
        <translation>Charger</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Abandonner</translation>
    </message>
    <message>
        <source>Stop loading</source>
        <translation>Arrêter le chargement</translation>
    </message>
    <message>
        <source>Loads when the answer under way is finished…</source>
        <translation type="unfinished"></translation>
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
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MarkedSteps</name>
    <message>
        <source>The one before</source>
        <translation>Le précédent</translation>
    </message>
    <message>
        <source>The one after</source>
        <translation>Le suivant</translation>
    </message>
</context>
<context>
    <name>MessageActions</name>
    <message>
        <source>Copied</source>
        <translation>Copié</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copier</translation>
    </message>
    <message>
        <source>Edit and ask anew</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Answer anew</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New chat from here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete from here on</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MessageDelegate</name>
    <message>
        <source>You</source>
        <translation>Vous</translation>
    </message>
    <message>
        <source>Show less</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Continue</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MessageList</name>
    <message>
        <source>Messages</source>
        <translation>Messages</translation>
    </message>
    <message>
        <source>Jump to latest</source>
        <translation>Aller à la fin</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>Choose a file…</source>
        <translation>Choisir un fichier…</translation>
    </message>
    <message>
        <source>%1: choose a file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1: recently used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No draft</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ModelChip</name>
    <message>
        <source>Model: %1, ready</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ModelSection</name>
    <message>
        <source>Automatic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Processor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>GPU (CUDA)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modèle</translation>
    </message>
    <message>
        <source>Verifier</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draft</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the built-in pair</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Computes on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Threads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Of the processor; 0 takes one for each core.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Context length</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Context length, in tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Mémoire</translation>
    </message>
    <message>
        <source>Reading the files…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a draft</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a verifier</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models (*.gguf)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Names of new chats</source>
        <translation>Noms des nouvelles conversations</translation>
    </message>
    <message>
        <source>By the model</source>
        <translation>Par le modèle</translation>
    </message>
    <message>
        <source>The first words of the question</source>
        <translation>Les premiers mots de la question</translation>
    </message>
    <message>
        <source>After the first answer, in the background. A model of fewer than about 1,000 million parameters, such as the one that comes with Fovea, is not asked.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PresetBar</name>
    <message>
        <source>Preset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preset: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preset: none, your own choices</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save as a preset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete this preset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name of the preset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Enregistrer</translation>
    </message>
</context>
<context>
    <name>ProseBlock</name>
    <message>
        <source>Answer</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ReadMapSection</name>
    <message>
        <source>Layers from top to bottom, positions of the conversation from left to right.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the map shows</source>
        <translation>Ce que montre la carte</translation>
    </message>
    <message>
        <source>How often it was read</source>
        <translation>Nombre de lectures</translation>
    </message>
    <message>
        <source>Bytes saved</source>
        <translation>Octets économisés</translation>
    </message>
    <message>
        <source>Time saved, estimated</source>
        <translation>Temps gagné, estimé</translation>
    </message>
    <message>
        <source>Reads by layer and position</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>never</source>
        <translation>jamais</translation>
    </message>
    <message>
        <source>nothing saved</source>
        <translation>rien d’économisé</translation>
    </message>
    <message>
        <source>as often as densely</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not known</source>
        <translation>inconnu</translation>
    </message>
    <message>
        <source>Point at the map, or move with the arrow keys, to see what stands there.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ReadsPage</name>
    <message>
        <source>The conversation as the model saw it, and beside the line the answer. The stronger the colour under a word, the more of its stretch of the cache was read.</source>
        <translation>La conversation telle que le modèle l’a vue et, le long du trait, la réponse. Plus la couleur sous un mot est forte, plus son tronçon du cache a été lu.</translation>
    </message>
    <message>
        <source>Read by</source>
        <translation>Lu par</translation>
    </message>
    <message>
        <source>all layers</source>
        <translation>toutes les couches</translation>
    </message>
    <message>
        <source>layer %1</source>
        <translation>la couche %1</translation>
    </message>
    <message>
        <source>What the answer read</source>
        <translation>Ce que la réponse a lu</translation>
    </message>
    <message>
        <source>never</source>
        <translation>jamais</translation>
    </message>
    <message>
        <source>as often as densely</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SamplingSection</name>
    <message>
        <source>Sampling</source>
        <translation>Échantillonnage</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Température</translation>
    </message>
    <message>
        <source>How daring: 0 always takes the likeliest token.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sampling top-p</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draws from the likeliest tokens that together have this probability; 1 keeps all. Has nothing to do with what is read (that is the attention top-p).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Top-k</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draws from this many of the likeliest tokens; 0 keeps all.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Min-p</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leaves out what is less likely than this times the likeliest; 0 keeps all.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Repetition penalty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Makes tokens that came lately less likely; 1 is off.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Repetition window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many of the last tokens count as lately.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Longest answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In tokens; an answer that meets it is cut off.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Seed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>random</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same seed and chat give the same answer. Empty: another one each time.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SaveDialog</name>
    <message>
        <source>Save</source>
        <translation>Enregistrer</translation>
    </message>
</context>
<context>
    <name>SearchDialog</name>
    <message>
        <source>Search in all chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing was found. Every word has to occur; the last one may be a beginning.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search results</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SectionHeading</name>
    <message>
        <source>Defaults</source>
        <translation>Valeurs par défaut</translation>
    </message>
    <message>
        <source>Brings this section back to its defaults</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SettingsPanel</name>
    <message>
        <source>Model</source>
        <translation>Modèle</translation>
    </message>
    <message>
        <source>Decoding</source>
        <translation>Décodage</translation>
    </message>
    <message>
        <source>Attention</source>
        <translation>Attention</translation>
    </message>
    <message>
        <source>Sampling</source>
        <translation>Échantillonnage</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Apparence</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Réglages</translation>
    </message>
    <message>
        <source>Close the settings</source>
        <translation>Fermer les réglages</translation>
    </message>
    <message>
        <source>Counts from the next question on, in all chats; the answer under way keeps what it began with.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Counts from the next question on, in all chats. Nothing is loaded again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Welcome</source>
        <translation>Bienvenue</translation>
    </message>
    <message>
        <source>About Fovea</source>
        <translation>À propos de Fovea</translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>New chat</source>
        <translation type="unfinished">Nouvelle discussion</translation>
    </message>
    <message>
        <source>Search in all chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings</source>
        <translation type="unfinished">Réglages</translation>
    </message>
    <message>
        <source>Show or hide the insights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show or hide the list of chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rename the chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Enter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send the message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shift+Enter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start a new line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edit the last question, in an empty message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Esc</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop the answer, or stop editing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Del</source>
        <translation type="unfinished">Suppr</translation>
    </message>
    <message>
        <source>Delete the chat, in the list of chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show this list</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Quitter</translation>
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
        <translation>Nouvelle discussion</translation>
    </message>
    <message>
        <source>Your chats will be listed here. They stay on this computer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search in all chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import and export</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import chats…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export all chats…</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>StatisticsCharts</name>
    <message>
        <source>Step by step</source>
        <translation>Étape par étape</translation>
    </message>
    <message>
        <source>Steps of all answers, a dotted line where one begins</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Steps of the answer</source>
        <translation>Étapes de la réponse</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>Part</translation>
    </message>
    <message>
        <source>What each layer read</source>
        <translation>Ce que chaque couche a lu</translation>
    </message>
    <message>
        <source>Position in the context, in tokens</source>
        <translation>Position dans le contexte, en jetons</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>Couche</translation>
    </message>
    <message>
        <source>entries read</source>
        <translation>entrées lues</translation>
    </message>
    <message>
        <source>attention kept</source>
        <translation>attention gardée</translation>
    </message>
    <message>
        <source>tokens proposed (at most %1)</source>
        <translation>jetons proposés (%1 au plus)</translation>
    </message>
    <message>
        <source>and accepted</source>
        <translation>et acceptés</translation>
    </message>
    <message>
        <source>How often a layer read there, of the times that dense reading would have</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>mode %1</source>
        <translation>mode %1</translation>
    </message>
    <message>
        <source>attention top-p %1</source>
        <translation>top-p d’attention %1</translation>
    </message>
    <message numerus="yes">
        <source>%n answers</source>
        <translation>
            <numerusform>%n réponse</numerusform>
            <numerusform>%n réponses</numerusform>
        </translation>
    </message>
    <message>
        <source>older turns were dropped midway</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>KV reads saved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>drafts accepted</source>
        <translation>brouillons acceptés</translation>
    </message>
    <message>
        <source>no draft</source>
        <translation>pas de brouillon</translation>
    </message>
    <message>
        <source>tokens a pass</source>
        <translation>jetons par passe</translation>
    </message>
    <message>
        <source>tokens written</source>
        <translation>jetons écrits</translation>
    </message>
</context>
<context>
    <name>StatisticsExport</name>
    <message>
        <source>Export the statistics</source>
        <translation>Exporter les statistiques</translation>
    </message>
    <message>
        <source>Of this answer…</source>
        <translation>De cette réponse…</translation>
    </message>
    <message>
        <source>Of the whole chat…</source>
        <translation>De toute la conversation…</translation>
    </message>
    <message>
        <source>Export the statistics of this chat</source>
        <translation>Exporter les statistiques de cette conversation</translation>
    </message>
    <message>
        <source>Export the statistics of this answer</source>
        <translation>Exporter les statistiques de cette réponse</translation>
    </message>
    <message>
        <source>Charts (*.png)</source>
        <translation>Graphiques (*.png)</translation>
    </message>
    <message>
        <source>Steps as a table (*.csv)</source>
        <translation>Étapes en tableau (*.csv)</translation>
    </message>
    <message>
        <source>Everything (*.json)</source>
        <translation>Tout (*.json)</translation>
    </message>
</context>
<context>
    <name>StepsSection</name>
    <message>
        <source>Which steps</source>
        <translation>Quelles étapes</translation>
    </message>
    <message>
        <source>This answer</source>
        <translation>Cette réponse</translation>
    </message>
    <message>
        <source>Whole chat</source>
        <translation>Toute la conversation</translation>
    </message>
    <message>
        <source>Of which layers</source>
        <translation>De quelles couches</translation>
    </message>
    <message>
        <source>All layers</source>
        <translation>Toutes les couches</translation>
    </message>
    <message>
        <source>Layer %1</source>
        <translation>Couche %1</translation>
    </message>
    <message>
        <source>Line: share of the entries read. Dashed: attention kept. Bars: tokens proposed, and of those accepted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Steps of the chat</source>
        <translation>Étapes de la conversation</translation>
    </message>
    <message>
        <source>Steps of the answer</source>
        <translation>Étapes de la réponse</translation>
    </message>
</context>
<context>
    <name>SystemPromptDialog</name>
    <message>
        <source>Instruction for this chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model reads it before every question. It counts from the next question on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For example: Answer in one sentence.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use that of the settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Enregistrer</translation>
    </message>
</context>
<context>
    <name>TitleEditor</name>
    <message>
        <source>Title of the chat</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TokenQuote</name>
    <message>
        <source>“%1”</source>
        <translation>« %1 »</translation>
    </message>
</context>
<context>
    <name>UndoToast</name>
    <message>
        <source>Deleted “%1”</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Deleted %1 chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Fermer</translation>
    </message>
    <message>
        <source>Deleted a part of this chat</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>VersionSwitch</name>
    <message>
        <source>Previous version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1/%2</source>
        <translation type="unfinished">%1 % {1/%2?}</translation>
    </message>
    <message>
        <source>Version %1 of %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next version</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WelcomeDialog</name>
    <message>
        <source>Welcome to Fovea</source>
        <translation>Bienvenue dans Fovea</translation>
    </message>
    <message>
        <source>Fovea chats with a language model that runs on this computer, in this program. Nothing you write leaves it.</source>
        <translation>Fovea dialogue avec un modèle de langue qui tourne sur cet ordinateur, dans ce programme. Rien de ce que vous écrivez n’en sort.</translation>
    </message>
    <message>
        <source>The model that comes with it is small: 51 million parameters, with a draft of 6.5 million. It is a demonstration that chats and tells stories, not an oracle: it is usually wrong about facts, and it cannot calculate.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For knowledge, load a larger model: any GGUF file of the Llama architecture in F32, F16, BF16, Q8_0 or Q4_0. In the settings, under Model, choose it as the verifier, and a small model of the same vocabulary as its draft. What the two will take of your memory is shown before they are loaded.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What Fovea is about: the draft&apos;s attention tells the verifier which few entries of its memory of the chat are worth reading. Try it in the settings, under Decoding, with mode Sparse.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+comma opens the settings, and this page can be found there again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a model…</source>
        <translation>Choisir un modèle…</translation>
    </message>
    <message>
        <source>Begin</source>
        <translation>Commencer</translation>
    </message>
</context>
<context>
    <name>fovea::ui::AlignmentViewModel</name>
    <message>
        <source>From %1, %2 tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not kept: it counts until the program ends.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kept in %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Verifier layer %1, draft layer %2: %3% of the heads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1; on the layer path</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>fovea::ui::AnswerCheck</name>
    <message>
        <source>The answer is still being written.</source>
        <translation>La réponse est encore en cours d’écriture.</translation>
    </message>
    <message>
        <source>Older turns were dropped in the middle of this answer, and its beginning followed another text than the one that was kept. It cannot be replayed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The answer has no words.</source>
        <translation>La réponse n’a pas de mots.</translation>
    </message>
    <message>
        <source>The answer failed, and the seed that it was drawn with was not kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No model is loaded.</source>
        <translation>Aucun modèle n’est chargé.</translation>
    </message>
    <message>
        <source>%1 wrote this answer, and %2 is loaded. Load %1 to verify it.</source>
        <translation>%1 a écrit cette réponse, et %2 est chargé. Chargez %1 pour la vérifier.</translation>
    </message>
    <message>
        <source>The loaded %1 has other weights than the one that wrote this answer.</source>
        <translation>Le %1 chargé a d’autres poids que celui qui a écrit cette réponse.</translation>
    </message>
    <message numerus="yes">
        <source>Dense reading could have drawn each of the %n tokens.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>No difference: the verifier alone writes the same %n tokens.</source>
        <translation>
            <numerusform>Aucune différence : le vérificateur seul écrit le même jeton.</numerusform>
            <numerusform>Aucune différence : le vérificateur seul écrit les mêmes %n jetons.</numerusform>
        </translation>
    </message>
    <message>
        <source>At token %1 of %2 stands one that dense reading never draws.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The first difference is at token %1 of %2.</source>
        <translation>La première différence est au jeton %1 sur %2.</translation>
    </message>
    <message>
        <source>its end</source>
        <translation>sa fin</translation>
    </message>
    <message>
        <source>the end of the answer</source>
        <translation>la fin de la réponse</translation>
    </message>
    <message>
        <source>The answer has %1, which the verifier gives %2. It draws %3, which it gives %4.</source>
        <translation>La réponse contient %1, auquel le vérificateur donne %2. Il tire %3, auquel il donne %4.</translation>
    </message>
    <message>
        <source>The mode of this answer promises the tokens of dense reading, from the same seed. A difference comes from other arithmetic (another backend, or a number that rounds the other way where two tokens are almost equally likely), or it is a fault.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mode of this answer promises that, and it held: draft and selection changed how fast the answer came, not what it says.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mode Sparse promises no equality. Here the entries that were left out changed the choice; what follows in the answer follows from it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mode Sparse does not promise that. In this answer, what was left out changed no choice.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A sampled answer in mode Sparse is drawn with other random numbers than dense reading uses, so that other tokens from the same seed say nothing. What can be compared are the chances: a token that dense reading never draws, after the sampling filters, is one that leaving out entries made possible.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of %2 tokens are those that the verifier draws, each after the answer&apos;s own text.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One token it never draws.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n tokens it never draws.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>The verifier gives the others %1 on the geometric mean.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The verifier gives them %1 on the geometric mean.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>fovea::ui::AnswerComparison</name>
    <message>
        <source>Version %1 of %2</source>
        <translation>Version %1 sur %2</translation>
    </message>
    <message>
        <source>An answer without a question</source>
        <translation>Une réponse sans question</translation>
    </message>
    <message>
        <source>There is no other answer in this chat. Answer a question anew, perhaps in another mode, to compare.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>Chargement…</translation>
    </message>
    <message>
        <source>Nothing was recorded of that answer.</source>
        <translation>Rien n’a été enregistré de cette réponse.</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>Mode</translation>
    </message>
    <message>
        <source>How the verifier checked what it wrote.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attention top-p</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share of the attention that was to be kept, in the modes that select.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Jetons</translation>
    </message>
    <message>
        <source>Of the answer.</source>
        <translation>De la réponse.</translation>
    </message>
    <message>
        <source>Tokens a second</source>
        <translation>Jetons par seconde</translation>
    </message>
    <message>
        <source>While the answer was written, after the prompt was read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First token after</source>
        <translation>Premier jeton après</translation>
    </message>
    <message>
        <source>Reading the prompt included.</source>
        <translation>Lecture de l’invite comprise.</translation>
    </message>
    <message>
        <source>KV reads saved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share of the cache entries that verification did not read, against dense reading.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attention kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Estimated share of the attention that lies on what was read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tokens a pass</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tokens of the answer for each pass of the verifier.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drafts accepted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share of the proposed tokens that stand.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cache read a token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys and values that the verifier read for each token.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>reads all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>no draft</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layer %1: this answer read %2, the other %3</source>
        <translation>Couche %1 : cette réponse a lu %2, l’autre %3</translation>
    </message>
</context>
<context>
    <name>fovea::ui::Appearance</name>
    <message>
        <source>As the system</source>
        <translation>Comme le système</translation>
    </message>
</context>
<context>
    <name>fovea::ui::AttachmentListModel</name>
    <message>
        <source>1 token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>fovea::ui::ChatController</name>
    <message>
        <source>New chat</source>
        <translation>Nouvelle discussion</translation>
    </message>
    <message>
        <source>This is answered as soon as the model is loaded.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Answering. You can type your next message meanwhile.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another chat is being answered. Wait for it, or stop it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opening this chat…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No model is loaded, see above.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Written to %1</source>
        <translation>Enregistré dans %1</translation>
    </message>
    <message>
        <source>One chat was imported.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n chats were imported.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>%1 (copy)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>fovea::ui::ConversationListModel</name>
    <message>
        <source>New chat</source>
        <translation>Nouvelle discussion</translation>
    </message>
    <message>
        <source>Archived</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pinned</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>fovea::ui::InsightsChart</name>
    <message>
        <source>step 1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>position 0</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>fovea::ui::InsightsViewModel</name>
    <message>
        <source>not known</source>
        <translation>inconnu</translation>
    </message>
    <message>
        <source>Ask something: what the answer reads is shown here while it is written.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting for the first step…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing was recorded of this answer: it failed, or was written by an older Fovea.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n steps wrote this answer.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of the entries that dense reading would have read were left out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of the proposed tokens were accepted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Older turns were dropped in the middle: positions before and after do not agree.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>KV reads saved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share of the cache entries that verification did not read, against dense reading.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attention kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Estimated share of the attention that lies on what was read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tokens a pass</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tokens of the answer for each pass of the verifier.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drafts accepted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no draft</source>
        <translation>pas de brouillon</translation>
    </message>
    <message>
        <source>Share of the proposed tokens that stand.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cache read a token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys and values that the verifier read for each token.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time saved, estimated</source>
        <translation>Temps gagné, estimé</translation>
    </message>
    <message>
        <source>Bytes not read, at the speed of this answer&apos;s passes: their time over the weights and entries that they read. Too much where arithmetic and not memory limits them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draft</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Select</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Verify</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sample</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layer %1, positions %2 to %3</source>
        <translation>Couche %1, positions %2 à %3</translation>
    </message>
    <message>
        <source>read %1 of %2 times (%3), %4</source>
        <translation>lu %1 fois sur %2 (%3), %4</translation>
    </message>
    <message>
        <source>left out: %1, about %2</source>
        <translation>omis : %1, environ %2</translation>
    </message>
</context>
<context>
    <name>fovea::ui::MessageListModel</name>
    <message>
        <source>You stopped this before the first word.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You stopped this answer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fovea was closed before this was answered.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fovea was closed while this was being written. The rest is missing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This could not be answered.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model had nothing to say.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 token</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n tokens</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>%1 tokens/s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1% of drafts accepted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The oldest message no longer fits and was left out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>The oldest %n messages no longer fit and were left out.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>This answer reached its limit of length.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>first after %1 s</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>fovea::ui::ModelViewModel</name>
    <message>
        <source>%1 billion parameters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 million parameters</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n layers</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>trained for %1 tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No draft</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only mode Dense works without a draft.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Would run on the GPU: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Would run on the processor: %1, %n threads</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Longer than the %1 tokens it was trained for: answers get worse beyond them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>0 takes the %1 tokens the model was trained for.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draft: weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Verifier: weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draft: KV cache</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Verifier: KV cache</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Working memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Needs %1 of %2 free</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Needs %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>That is more than is free: it will load, and be slow. Choose a shorter context or a smaller model, or close other programs.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>fovea::ui::SearchModel</name>
    <message>
        <source>New chat</source>
        <translation type="unfinished">Nouvelle discussion</translation>
    </message>
</context>
<context>
    <name>fovea::ui::SettingsViewModel</name>
    <message>
        <source>The settings could not be written to %1. They count until the program ends.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Needs a draft, and none is loaded.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dense</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The verifier alone, one token a pass: the reference.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Speculative</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A draft proposes, the verifier checks several tokens in one pass: the answer of Dense, faster where the draft is often right.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sparse</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The verifier reads only the KV entries that are likely to matter: the fastest in long chats, and approximate.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exact</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sparse first, then one full pass that confirms or corrects: the answer of Dense. It pays where reading memory takes longer than computing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The draft&apos;s attention</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where the draft looks, the verifier reads. The best of those that save reads.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Beginning and end</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only the first and the last entries, whatever they say.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pages (Quest)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pages of 16 entries, by a bound on how much they can matter.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The verifier&apos;s attention</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An upper bound, for study: reads everything to choose, and saves nothing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not used now: only the modes Sparse and Exact leave KV entries out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Temperature 0 always takes the likeliest token: nothing is drawn.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mode Dense works without a draft.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This selector takes a budget instead.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This selector goes by attention top-p instead.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A repetition penalty of 1 is off.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give the preset a name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The name is too long: %1 characters at most.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“%1” comes with the program. Choose another name.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>fovea::ui::StatisticsExporter</name>
    <message>
        <source>Written to %1</source>
        <translation>Enregistré dans %1</translation>
    </message>
    <message numerus="yes">
        <source>What was recorded of %n answers is damaged and left out.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>What was recorded of one answer is damaged and left out.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>fovea::ui::StatusViewModel</name>
    <message>
        <source>No model</source>
        <translation>Aucun modèle</translation>
    </message>
    <message>
        <source>Loading the model…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading the model: %1…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Prêt</translation>
    </message>
    <message>
        <source>Not loaded</source>
        <translation>Non chargé</translation>
    </message>
    <message>
        <source>Verifier: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No draft model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draft: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs on: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs on: %1 (%2)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Context: %1 tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory: %1 weights, %2 cache</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>GPU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CPU, 1 thread</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>CPU, %n threads</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Waiting for a model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting for the model to load</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fitting the draft to the model, once, %1%</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading the chat, %1%</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading the chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Answering</source>
        <translation>Répond</translation>
    </message>
    <message>
        <source>Stopping</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 tokens/s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1% of drafts accepted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1% of KV reads saved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The context holds %1 of %2 tokens.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%1, about %n s left</source>
        <translation>
            <numerusform>%1, environ %n s restante</numerusform>
            <numerusform>%1, environ %n s restantes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1, about %n min left</source>
        <translation>
            <numerusform>%1, environ %n min restante</numerusform>
            <numerusform>%1, environ %n min restantes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>fovea::ui::StepsViewModel</name>
    <message>
        <source>Reading the steps of this chat…</source>
        <translation>Lecture des étapes de cette conversation…</translation>
    </message>
    <message numerus="yes">
        <source>%n steps</source>
        <translation>
            <numerusform>%n étape</numerusform>
            <numerusform>%n étapes</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 in %2</source>
        <translation>%1 dans %2</translation>
    </message>
    <message numerus="yes">
        <source>%n answers</source>
        <translation>
            <numerusform>%n réponse</numerusform>
            <numerusform>%n réponses</numerusform>
        </translation>
    </message>
    <message>
        <source>Step %1</source>
        <translation>Étape %1</translation>
    </message>
    <message>
        <source>Answer %1, step %2</source>
        <translation>Réponse %1, étape %2</translation>
    </message>
    <message>
        <source>, layer %1</source>
        <translation>, couche %1</translation>
    </message>
    <message>
        <source>%1 of the entries read, %2 of the attention kept</source>
        <translation>%1 des entrées lues, %2 de l’attention gardée</translation>
    </message>
    <message>
        <source>everything read again to confirm what was written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1: %2, %3 of %4 proposals accepted</source>
        <translation>%1 : %2, %3 propositions sur %4 acceptées</translation>
    </message>
    <message>
        <source>1 step</source>
        <translation>1 étape</translation>
    </message>
    <message>
        <source>1 answer</source>
        <translation>1 réponse</translation>
    </message>
</context>
<context>
    <name>fovea::ui::TokenMarks</name>
    <message>
        <source>%1 at position %2: the answer read %3 of the stretch of %4 tokens around it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 was written by step %2, which read %3 of the entries before it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where it read was not recorded: the answer is very long.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A dense pass confirmed it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The draft proposed %1, the verifier chose %2. The draws of this mode need no probabilities: verify the answer to find them out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The draft proposed %1 with %2. The verifier gave it %3 and chose %4, with %5.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sparse reading wrote %1 here; the dense pass that confirms it corrected it to %2.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 was proposed by the draft, and accepted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 is the verifier&apos;s own: nothing was proposed in its place.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The verifier draws %1 too; it gives it %2.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the end of the answer</source>
        <translation>la fin de la réponse</translation>
    </message>
    <message>
        <source>The answer has %1, which the verifier gives %2. It draws %3, which it gives %4.</source>
        <translation>La réponse contient %1, auquel le vérificateur donne %2. Il tire %3, auquel il donne %4.</translation>
    </message>
    <message>
        <source>The mode of this answer leaves nothing out: everything was read, as often as there was a pass. Mode Sparse chooses.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a word of the answer to see what it read: click it, or move with the arrow keys.</source>
        <translation>Choisissez un mot de la réponse pour voir ce qu’il a lu : cliquez dessus, ou utilisez les flèches.</translation>
    </message>
    <message>
        <source>Choose a word to see who proposed it.</source>
        <translation>Choisissez un mot pour voir qui l’a proposé.</translation>
    </message>
    <message>
        <source>Choose a word to see how likely it is to the verifier.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>fovea::ui::builtinPresets</name>
    <message>
        <source>Balanced</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The verifier&apos;s own answer, with a draft that runs ahead of it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exact</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same answer as Balanced, token by token, with fewer KV entries read. On the measured processor about as fast.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fastest</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Approximate: reads about a fifth of the KV entries. In a chat of 3,700 tokens 1.7 to 1.9 times as fast as Balanced on the measured processor; the likeliest token differs 6 times in 100.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>fovea::ui::dateSection</name>
    <message>
        <source>Today</source>
        <translation>Aujourd’hui</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>Hier</translation>
    </message>
    <message>
        <source>Previous 7 days</source>
        <translation>7 derniers jours</translation>
    </message>
    <message>
        <source>Older</source>
        <translation>Plus ancien</translation>
    </message>
</context>
</TS>
