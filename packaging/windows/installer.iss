; Inno Setup 6 script. NOT YET BUILT (no Windows machine was at hand); the steps are in packaging/README.md.
;   iscc /DAppVersion=0.1.0 /DBundle=..\..\dist\mitsumori packaging\windows\installer.iss
; AppVersion and Bundle (the folder that windows.spec made, with licenses\ beside the program) come from the command line.
#ifndef AppVersion
  #error "AppVersion is not set: iscc /DAppVersion=..."
#endif
#ifndef Bundle
  #error "Bundle is not set: iscc /DBundle=folder"
#endif

[Setup]
AppId={{6B1B6C0E-52E5-4F0B-9C53-9D1B7B0E4A11}
AppName=Mitsumori
AppVersion={#AppVersion}
AppPublisher=Mitsumori maintainers
; The window holds this mutex while it is open (gui/app.py): setup and uninstaller ask to close it first.
AppMutex=Local\MitsumoriWindow
VersionInfoVersion={#AppVersion}
VersionInfoProductName=Mitsumori
VersionInfoDescription=Mitsumori setup
DefaultDirName={autopf}\Mitsumori
DefaultGroupName=Mitsumori
; A presales laptop seldom gives administrator rights: install for the user alone unless asked otherwise.
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
ChangesAssociations=yes
LicenseFile=..\..\LICENSE
SetupIconFile=..\icons\mitsumori.ico
UninstallDisplayIcon={app}\mitsumori-window.exe
OutputBaseFilename=mitsumori-{#AppVersion}-windows-x64
Compression=lzma2
SolidCompression=yes
WizardStyle=modern

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "ja"; MessagesFile: "compiler:Languages\Japanese.isl"

[CustomMessages]
en.FileType=Mitsumori project
ja.FileType=Mitsumori プロジェクト
en.Associate=Open .mitsumori project files with Mitsumori
ja.Associate=.mitsumori プロジェクトファイルを Mitsumori で開く

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: "associate"; Description: "{cm:Associate}"

[Files]
Source: "{#Bundle}\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion

[Icons]
Name: "{group}\Mitsumori"; Filename: "{app}\mitsumori-window.exe"
Name: "{autodesktop}\Mitsumori"; Filename: "{app}\mitsumori-window.exe"; Tasks: desktopicon

[Registry]
Root: HKA; Subkey: "Software\Classes\.mitsumori"; ValueType: string; ValueData: "Mitsumori.Project"; Flags: uninsdeletevalue; Tasks: associate
Root: HKA; Subkey: "Software\Classes\Mitsumori.Project"; ValueType: string; ValueData: "{cm:FileType}"; Flags: uninsdeletekey; Tasks: associate
Root: HKA; Subkey: "Software\Classes\Mitsumori.Project\DefaultIcon"; ValueType: string; ValueData: "{app}\mitsumori-window.exe,0"; Tasks: associate
Root: HKA; Subkey: "Software\Classes\Mitsumori.Project\shell\open\command"; ValueType: string; ValueData: """{app}\mitsumori-window.exe"" ""%1"""; Tasks: associate
