; NSIS 3 script: the same installer as installer.iss, for systems where Inno Setup's compiler does not run. Per user, no
; administrator rights. Compiled on Debian by `.ci/long windows`; not yet run on Windows.
;   makensis -DVERSION=0.1.0 -DBUNDLE=FOLDER -DOUT=FILE.exe packaging/windows/installer.nsi
; BUNDLE is the offline folder of offline.py (with install.ps1) or the folder that windows.spec made.
Unicode true
!ifndef VERSION
  !error "VERSION is not set: makensis -DVERSION=..."
!endif
!ifndef BUNDLE
  !error "BUNDLE is not set: makensis -DBUNDLE=folder"
!endif
!ifndef OUT
  !define OUT "mitsumori-${VERSION}-windows-x64.exe"
!endif
!include MUI2.nsh
!include FileFunc.nsh

Name "Mitsumori"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\Mitsumori"
InstallDirRegKey HKCU "Software\Mitsumori" "Folder"
SetCompressor /SOLID lzma
ManifestDPIAware true
BrandingText "Mitsumori ${VERSION}"

VIProductVersion "${VERSION}.0"
VIAddVersionKey /LANG=1033 "ProductName" "Mitsumori"
VIAddVersionKey /LANG=1033 "FileDescription" "Mitsumori setup"
VIAddVersionKey /LANG=1033 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=1033 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=1033 "LegalCopyright" "Mitsumori maintainers, Apache License 2.0"

!define MUI_ICON "${__FILEDIR__}/../icons/mitsumori.ico"
!define MUI_UNICON "${__FILEDIR__}/../icons/mitsumori.ico"
!insertmacro MUI_PAGE_LICENSE "${__FILEDIR__}/../../LICENSE"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Japanese"

LangString RUNNING ${LANG_ENGLISH} "Mitsumori is running: close its window and start again."
LangString RUNNING ${LANG_JAPANESE} "Mitsumori が起動しています。ウィンドウを閉じてからやり直してください。"
LangString FAILED ${LANG_ENGLISH} "Mitsumori could not be installed: Python 3.11 for x64 is needed (see the details)."
LangString FAILED ${LANG_JAPANESE} "インストールできませんでした。x64 版の Python 3.11 が必要です (詳細をご覧ください)。"
LangString FILETYPE ${LANG_ENGLISH} "Mitsumori project"
LangString FILETYPE ${LANG_JAPANESE} "Mitsumori プロジェクト"

!macro WAIT_FOR_WINDOW
  ; The window holds this mutex while it is open (gui/app.py).
  System::Call 'kernel32::OpenMutexW(i 0x100000, i 0, w "Local\MitsumoriWindow") p .r0'
  ${If} $0 P<> 0
    System::Call 'kernel32::CloseHandle(p r0)'
    MessageBox MB_OK|MB_ICONEXCLAMATION "$(RUNNING)" /SD IDOK
    Abort
  ${EndIf}
!macroend

Function .onInit
  !insertmacro MUI_LANGDLL_DISPLAY
  !insertmacro WAIT_FOR_WINDOW
FunctionEnd

Function un.onInit
  !insertmacro WAIT_FOR_WINDOW
FunctionEnd

Section "Mitsumori"
  SetOutPath "$INSTDIR\files"
  File /r "${BUNDLE}/*"
  WriteRegStr HKCU "Software\Mitsumori" "Folder" "$INSTDIR"
  StrCpy $1 "$INSTDIR\files\mitsumori-window.exe"
  ${If} ${FileExists} "$INSTDIR\files\install.ps1"
    StrCpy $1 "$INSTDIR\environment\Scripts\mitsumori-window.exe"
    nsExec::ExecToLog 'powershell -NoProfile -ExecutionPolicy Bypass -File "$INSTDIR\files\install.ps1" -Target "$INSTDIR" -NoAssociation'
    Pop $0
    ${If} $0 != 0
      MessageBox MB_OK|MB_ICONSTOP "$(FAILED)" /SD IDOK
      Abort
    ${EndIf}
  ${Else}
    CreateShortcut "$SMPROGRAMS\Mitsumori.lnk" "$1"
  ${EndIf}
  WriteRegStr HKCU "Software\Classes\.mitsumori" "" "Mitsumori.Project"
  WriteRegStr HKCU "Software\Classes\Mitsumori.Project" "" "$(FILETYPE)"
  WriteRegStr HKCU "Software\Classes\Mitsumori.Project\DefaultIcon" "" "$1,0"
  WriteRegStr HKCU "Software\Classes\Mitsumori.Project\shell\open\command" "" '"$1" "%1"'
  WriteUninstaller "$INSTDIR\uninstall.exe"
  !define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Mitsumori"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Mitsumori"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "Mitsumori maintainers"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  ${GetSize} "$INSTDIR" "/S=0K" $0 $2 $3
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0
  System::Call 'shell32::SHChangeNotify(i 0x8000000, i 0, p 0, p 0)'
SectionEnd

Section "Uninstall"
  Delete "$SMPROGRAMS\Mitsumori.lnk"
  DeleteRegKey HKCU "Software\Classes\Mitsumori.Project"
  DeleteRegKey HKCU "Software\Classes\.mitsumori"
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "Software\Mitsumori"
  RMDir /r "$INSTDIR\files"
  RMDir /r "$INSTDIR\environment"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
SectionEnd
